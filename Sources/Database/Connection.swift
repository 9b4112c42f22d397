/// One transaction's way to run statements, lent by `Database.read` and `Database.write` and useless outside them.
package struct Connection {
    let session: any Session

    /// Runs a statement; returns how many rows it inserted, updated or deleted.
    @discardableResult
    package func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try session.execute(sql)
    }

    /// All rows of a statement, in the statement's order. The caller limits how many there can be.
    package func query(_ sql: SQL) throws(DatabaseError) -> [Row] {
        try session.query(sql, countMax: .max)
    }

    /// The first row of a statement, nil if there is none. A statement that writes (`… RETURNING …`) is done
    /// whole, however many rows it returns.
    package func queryOne(_ sql: SQL) throws(DatabaseError) -> Row? {
        try session.query(sql, countMax: 1).first
    }

    /// Tells every process that something of this kind has changed, once the transaction is committed and if it is.
    package func announce(_ topic: ChangeTopic) throws(DatabaseError) {
        try session.announce(topic)
    }

    /// Runs the statements of a migration, which have no parameters.
    func executeScript(_ text: String) throws(DatabaseError) {
        try session.executeScript(text)
    }
}

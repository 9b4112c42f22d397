import GRDB

/// The prepared statements of one connection, made when they are first needed.
///
/// Of the connection that writes they are kept here, those that are templates in an array, where finding one costs
/// nothing; the connections that read leave it to GRDB, which also decides how long those live.
final class PreparedStatements {
    private var templates: [PreparedStatement?] = []
    private var others: [String: PreparedStatement] = [:]

    func statement(for sql: SQL, on database: GRDB.Database) throws(DatabaseError) -> PreparedStatement {
        guard sql.isReusable else { return try Self.prepare(sql, on: database) }
        guard let number = sql.templateNumber else {
            if let known = others[sql.text] { return known }
            let statement = try Self.prepare(sql, on: database)
            others[sql.text] = statement
            return statement
        }
        if number < templates.count, let known = templates[number] { return known }
        let statement = try Self.prepare(sql, on: database)
        if number >= templates.count {
            templates += Array(repeating: nil, count: number + 1 - templates.count)
        }
        templates[number] = statement
        return statement
    }

    private static func prepare(_ sql: SQL, on database: GRDB.Database) throws(DatabaseError) -> PreparedStatement {
        do {
            return PreparedStatement(try database.makeStatement(sql: sql.text))
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }
}

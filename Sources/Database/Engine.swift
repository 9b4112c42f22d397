/// A database engine: what `Database` asks of SQLite and of PostgreSQL. `Database` says what each call promises.
protocol Engine: Sendable {
    /// Whether processes on several machines may use the database at once.
    var isShared: Bool { get }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value

    /// A transaction that only runs one statement, which an engine may do with less ado than `read`.
    func query(_ sql: SQL, countMax: Int) async throws(DatabaseError) -> [Row]

    func write<Value: Sendable>(
        _ options: WriteOptions,
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value

    func changeToken(for topic: ChangeTopic) -> ChangeToken
}

/// One engine's way to run statements inside a transaction.
protocol Session {
    /// Returns how many rows the statement inserted, updated or deleted.
    func execute(_ sql: SQL) throws(DatabaseError) -> Int
    func query(_ sql: SQL, countMax: Int) throws(DatabaseError) -> [Row]
    func executeScript(_ text: String) throws(DatabaseError)
    func announce(_ topic: ChangeTopic) throws(DatabaseError)
}

/// How a writing transaction is run.
struct WriteOptions: Sendable {
    /// Empty, and no group: the engine keeps the transaction apart from all others.
    var locks: [TransactionLock] = []
    var group: TransactionGroup?
    var durability = Durability.synced
}

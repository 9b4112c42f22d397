internal import CPostgres

extension PostgresConnection {
    package static let preparedCountMax = 256

    private static let binaryFormat: Int32 = 1

    /// Whether a transaction is open, be it one that has failed.
    package var isInTransaction: Bool { unsafe PQtransactionStatus(connection) != PQTRANS_IDLE }

    /// Runs statements without parameters, one after the other up to the first that fails; gives the last one's result,
    /// whose rows can't be read.
    @discardableResult
    package mutating func run(script: String) throws(PostgresError) -> PostgresResult {
        unsafe try exchange { unsafe PQsendQuery($0, script) }
    }

    /// Runs one statement, with `$1`, `$2`, … standing for the parameters.
    ///
    /// - Parameter isKept: Whether the statement stays prepared for the next time; the caller's texts are few.
    /// - Throws: `staleStatement` where it was prepared before the tables changed and the transaction that is open must
    ///   be repeated for that. Outside a transaction it is just prepared again.
    package mutating func run(
        _ text: String, _ values: [PostgresValue], isKept: Bool
    ) throws(PostgresError) -> PostgresResult {
        let parameters = ParameterList(values)
        guard isKept else {
            return try runOnce(text, parameters)
        }
        let key = PreparedStatements.Key(text: text, types: parameters.types)
        if let name = statements.name(for: key) {
            do {
                return try run(prepared: name, parameters)
            } catch let error where Self.statesOfStaleStatements.contains(error.sqlState) {
                statements.forgetAll()
                if isInTransaction { throw error.with(.staleStatement) }
            }
        }
        return try run(prepared: prepare(key), parameters)
    }

    /// `feature_not_supported`, with the message "cached plan must not change result type", and
    /// `invalid_sql_statement_name`.
    private static let statesOfStaleStatements = ["0A000", "26000"]

    private mutating func prepare(_ key: PreparedStatements.Key) throws(PostgresError) -> String {
        if statements.isFull { statements.forgetAll() }
        if statements.isServerAhead {
            try run(script: "DEALLOCATE ALL")
            statements.serverHasForgotten()
        }
        let name = statements.makeName()
        let types = key.types.map(\.number)
        unsafe try exchange { unsafe PQsendPrepare($0, name, key.text, Int32(types.count), types) }
        statements.keep(name, for: key)
        return name
    }

    private mutating func run(
        prepared name: String, _ parameters: ParameterList
    ) throws(PostgresError) -> PostgresResult {
        unsafe try exchange { connection in
            unsafe parameters.withPointers { values, lengths, formats in
                unsafe PQsendQueryPrepared(
                    connection, name, parameters.count, values, lengths, formats, Self.binaryFormat)
            }
        }
    }

    private mutating func runOnce(_ text: String, _ parameters: ParameterList) throws(PostgresError) -> PostgresResult {
        let types = parameters.types.map(\.number)
        return unsafe try exchange { connection in
            unsafe parameters.withPointers { values, lengths, formats in
                unsafe PQsendQueryParams(
                    connection, text, parameters.count, types, values, lengths, formats, Self.binaryFormat)
            }
        }
    }
}

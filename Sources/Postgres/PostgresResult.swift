internal import CPostgres

/// What one statement gave (https://www.postgresql.org/docs/15/libpq-exec.html#LIBPQ-EXEC-SELECT-INFO).
@safe
package struct PostgresResult: ~Copyable {
    private let result: OpaquePointer

    /// Takes over a result of libpq, which is freed with this value.
    init(owning result: OpaquePointer) {
        unsafe self.result = result
    }

    deinit {
        unsafe PQclear(result)
    }

    package var rowCount: Int { Int(unsafe PQntuples(result)) }

    private var columnIndices: Range<Int32> { unsafe 0..<PQnfields(result) }

    package var columnNames: [String] {
        columnIndices.map { column in
            unsafe PQfname(result, column).map { unsafe String(cString: $0) } ?? ""
        }
    }

    /// What was done, such as `COMMIT` or `UPDATE 3`.
    package var commandTag: String { unsafe String(cString: PQcmdStatus(result)) }

    /// How many rows the statement inserted, updated or deleted; 0 for one that did none of this.
    package var changedRowCount: Int {
        let words = commandTag.split(separator: " ")
        guard let verb = words.first, ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(verb) else { return 0 }
        return words.last.flatMap { Int($0) } ?? 0
    }

    /// The first rows, at most `countMax`.
    ///
    /// - Throws: `unsupportedType`, naming the column and its type, also if there is no row.
    package func rows(countMax: Int) throws(PostgresError) -> [[PostgresValue]] {
        let types = try columnTypes()
        return try (0..<min(countMax, rowCount)).map { row throws(PostgresError) in
            try types.indices.map { column throws(PostgresError) in
                try value(row: Int32(row), column: Int32(column), type: types[column])
            }
        }
    }

    private func columnTypes() throws(PostgresError) -> [PostgresType] {
        let types = columnIndices.map { PostgresType(number: unsafe PQftype(result, $0)) }
        for (column, type) in types.enumerated() where !type.isSupported {
            throw unsupported(column: column, type: type)
        }
        return types
    }

    private func value(row: Int32, column: Int32, type: PostgresType) throws(PostgresError) -> PostgresValue {
        guard unsafe PQgetisnull(result, row, column) == 0 else { return .null }
        let count = Int(unsafe PQgetlength(result, row, column))
        let buffer = unsafe UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: count)
        guard let value = PostgresValue(unsafe buffer.bytes, type: type) else {
            throw unsupported(column: Int(column), type: type)
        }
        return value
    }

    private func unsupported(column: Int, type: PostgresType) -> PostgresError {
        PostgresError(
            .unsupportedType,
            "column \(columnNames[column]) is of \(type.description), which is not read; cast it to BIGINT or TEXT, say"
        )
    }
}

extension PostgresResult {
    /// What libpq took the answer for; nil where it is no failure.
    var failure: PostgresError? {
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            return nil
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // It would wait for data that nobody sends.
            return PostgresError(.connectionLost, "a statement began to copy, which is not done here")
        default:
            guard let sqlState = field("C") else {
                let message = unsafe String(cString: PQresultErrorMessage(result))
                return PostgresError(.refused, PostgresError.redacted(message))
            }
            return PostgresError(sqlState: sqlState, primaryMessage: field("M") ?? "")
        }
    }

    /// `PG_DIAG_SQLSTATE` is C, `PG_DIAG_MESSAGE_PRIMARY` is M; Swift does not see macros of this kind.
    private func field(_ code: Unicode.Scalar) -> String? {
        unsafe PQresultErrorField(result, Int32(code.value)).map { unsafe String(cString: $0) }
    }
}

internal import CPostgres

/// One connection to a PostgreSQL server, for one thread at a time: every call blocks it
/// (https://www.postgresql.org/docs/15/libpq.html).
///
/// Statements that are kept prepared are prepared once; there are at most `preparedCountMax` of them.
@safe
package struct PostgresConnection: ~Copyable {
    let connection: OpaquePointer
    var statements = PreparedStatements()

    /// How long the server may take for an answer before the connection counts as lost. It is there for a server that no
    /// longer answers at all, so it should be longer than the server's own `statement_timeout`; nil is for ever.
    package var answerTimeout: Duration? = .seconds(60)

    /// Connects, with `url` saying where, as whom, and whether and how to use TLS (`sslmode=verify-full`).
    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
    ///
    /// Without a word about them in `url`, connecting takes at most 5 seconds for each address, and a server that is gone
    /// without a farewell is noticed within half a minute.
    ///
    /// - Throws: `invalidURL`, `unreachable`.
    package init(url: String) throws(PostgresError) {
        unsafe connection = try Self.connect(url: url)
    }

    deinit {
        unsafe PQfinish(connection)
    }

    private static func connect(url: String) throws(PostgresError) -> OpaquePointer {
        try check(url: url)
        // A later one overrides an earlier one, and what stands in the URL counts where `dbname` stands.
        let parameters: KeyValuePairs = [
            "fallback_application_name": "batchin",
            "connect_timeout": "5",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": "15000",
            "dbname": url,
            "client_encoding": "UTF8",
        ]
        let keys = CStringArray(parameters.map(\.key))
        let values = CStringArray(parameters.map(\.value))
        let expandsName: Int32 = 1
        guard let connection = unsafe PQconnectdbParams(keys.pointers, values.pointers, expandsName) else {
            throw PostgresError(.unreachable, "out of memory")
        }
        guard unsafe PQstatus(connection) == CONNECTION_OK else {
            let message = PostgresError.redacted(unsafe String(cString: PQerrorMessage(connection)))
            unsafe PQfinish(connection)
            throw PostgresError(.unreachable, message)
        }
        // Notices would go to standard error, values and all.
        unsafe PQsetNoticeProcessor(connection, { _, _ in }, nil)
        unsafe PQsetnonblocking(connection, 1)
        return unsafe connection
    }

    /// What libpq says about a string that is no URL holds all of it, so it is not asked.
    private static func check(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"), !url.utf8.contains(0) else {
            throw PostgresError(.invalidURL, "the URL does not begin with postgres://")
        }
        var message: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(url, &message)
        unsafe PQfreemem(message)
        guard let options = unsafe options else {
            throw PostgresError(.invalidURL, "the URL has a mistake; special characters in it must be percent-encoded")
        }
        unsafe PQconninfoFree(options)
    }
}

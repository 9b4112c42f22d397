package import Database

/// The runs of users, those too that reached no provider. Nobody sees another user's runs.
///
/// Every call can fail with the code `database`.
package struct RunStore: Sendable {
    private let database: Database

    package static let tracesMax = 100
    package static let runsPerTraceMax = 100

    /// - Parameter database: Opened with `AccountStore.migrations`.
    package init(database: Database) {
        self.database = database
    }

    /// The user's runs in these traces. A trace in which the user has none is not in the answer.
    ///
    /// - Parameter traceIDs: At most `tracesMax`.
    package func runs(
        ofTraces traceIDs: [String], of userID: UserID
    ) async throws(AccountsError) -> [String: TraceRuns] {
        precondition(traceIDs.count <= Self.tracesMax, "A call asks for a page of traces at most.")
        guard !traceIDs.isEmpty else { return [:] }
        return try await read { connection throws(DatabaseError) in
            let counts = try Self.counts(of: traceIDs, userID, connection)
            let whole = counts.filter { $0.value <= Self.runsPerTraceMax }.map(\.key)
            let wholeRuns = try Self.earliestRuns(of: whole, userID, connection)
            let runs = Dictionary(grouping: wholeRuns, by: \.usage.traceID)
            var answer: [String: TraceRuns] = [:]
            for (traceID, count) in counts {
                let earliest =
                    if let runs = runs[traceID] { runs } else {
                        try Self.earliestRuns(of: [traceID], userID, connection)
                    }
                answer[traceID] = TraceRuns(runs: earliest, count: count)
            }
            return answer
        }
    }

    /// The user's run with this id; nil if there is none.
    package func run(_ runID: String, of userID: UserID) async throws(AccountsError) -> RunRecord? {
        try await read { connection throws(DatabaseError) in
            try connection.queryOne(
                "SELECT \(RunRecord.columns) FROM runs WHERE run_id = \(runID) AND user_id = \(userID)"
            ).map(RunRecord.init)
        }
    }

    /// The runs that match and belong to a trace, newest first.
    package func list(_ query: RunQuery) async throws(AccountsError) -> [RunRecord] {
        let statement = query.statement
        return try await read { connection throws(DatabaseError) in
            try connection.query(statement).map(RunRecord.init)
        }
    }

    private static func counts(
        of traceIDs: [String], _ userID: UserID, _ connection: Connection
    ) throws(DatabaseError) -> [String: Int] {
        var counts: [String: Int] = [:]
        let rows = try connection.query(
            """
            SELECT trace_id, COUNT(*) AS count FROM runs
            WHERE user_id = \(userID) AND trace_id IN (\(list(traceIDs))) GROUP BY trace_id
            """)
        for row in rows {
            counts[try row.decode("trace_id", as: String.self)] = try row.decode("count", as: Int.self)
        }
        return counts
    }

    /// As many of their runs as may be in an answer, the earliest first.
    private static func earliestRuns(
        of traceIDs: [String], _ userID: UserID, _ connection: Connection
    ) throws(DatabaseError) -> [RunRecord] {
        guard !traceIDs.isEmpty else { return [] }
        return try connection.query(
            """
            SELECT \(RunRecord.columns) FROM runs
            WHERE user_id = \(userID) AND trace_id IN (\(list(traceIDs)))
            ORDER BY created_at, id LIMIT \(traceIDs.count * runsPerTraceMax)
            """
        ).map(RunRecord.init)
    }

    private static func list(_ texts: [String]) -> SQL {
        texts.dropFirst().reduce("\(texts.first)" as SQL) { "\($0), \($1)" }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(AccountsError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AccountsError(error)
        }
    }
}

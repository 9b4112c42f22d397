import Database
import TestSupport
import Testing

@testable import Accounts

struct RunStoreTests {
    /// Runs of one user in three traces and in none, oldest first, several of them in the same millisecond, every sixth
    /// rejected. Another user has runs in the same traces.
    private func withRuns(
        _ engine: TestEngine, _ body: (Books, UserID, [RunRecord]) async throws -> Void
    ) async throws {
        try await withBooks(engine) { books in
            let (user, stranger) = (try await books.makeUser(), try await books.makeUser())
            for index in 0..<24 {
                if index.isMultiple(of: 4) { books.clock.advance(by: 1_000) }
                let traceID = index.isMultiple(of: 8) ? nil : "t\(index % 3)"
                let model = index < 12 ? "a" : "b"
                let details = RunDetails.stub(promptVersion: "p@\(index % 5)")
                if index.isMultiple(of: 6) {
                    try await books.ledger.recordRejection(
                        .rejected(runID: "run_\(index)", traceID: traceID, model: model, details: details),
                        for: books.session(of: user))
                } else {
                    let usage = RunUsage.stub(
                        runID: "run_\(index)", traceID: traceID, model: model,
                        outcome: RunOutcome.ofUsage[index % RunOutcome.ofUsage.count], details: details)
                    _ = try await books.ledger.settle(
                        books.ledger.reserve(.zero, for: books.session(of: user)), as: usage)
                }
            }
            for traceID in ["t0", "t9"] {
                let usage = RunUsage.stub(runID: "run_\(traceID)", traceID: traceID)
                _ = try await books.ledger.settle(
                    books.ledger.reserve(.zero, for: books.session(of: stranger)), as: usage)
            }
            try await books.database.execute("UPDATE runs SET record_id = 'vaas_7' WHERE run_id = 'run_7'")
            var runs: [RunRecord] = []
            for index in 0..<24 { runs.append(try #require(try await books.runs.run("run_\(index)", of: user))) }
            runs.sort { ($0.usage.createdAt, $0.usage.id) < ($1.usage.createdAt, $1.usage.id) }
            try await body(books, user, runs)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a trace's runs are the user's own, earliest first`(engine: TestEngine) async throws {
        try await withRuns(engine) { books, user, runs in
            let found = try await books.runs.runs(ofTraces: ["t0", "t2", "t9", "none", "t0"], of: user)
            #expect(found.keys.sorted() == ["t0", "t2"])
            for (traceID, ofTrace) in found {
                #expect(ofTrace.runs == runs.filter { $0.usage.traceID == traceID })
                #expect(ofTrace.count == ofTrace.runs.count)
                #expect(ofTrace.count > 5)
            }
            #expect(try await books.runs.runs(ofTraces: [], of: user) == [:])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `of a trace with many runs the earliest are read and all are counted`(engine: TestEngine) async throws {
        try await withBooks(engine) { books in
            let session = books.session(of: try await books.makeUser())
            for index in 0..<103 {
                books.clock.advance(by: 1)
                for traceID in index < RunStore.runsPerTraceMax ? ["long", "full"] : ["long"] {
                    try await books.ledger.recordRejection(
                        .rejected(runID: "run_\(traceID)\(index)", traceID: traceID), for: session)
                }
            }
            let found = try await books.runs.runs(ofTraces: ["full", "long"], of: session.userID)
            #expect(found["full"]?.count == 100)
            #expect(found["long"]?.count == 103)
            for traceID in ["full", "long"] {
                #expect(found[traceID]?.runs.map(\.usage.runID) == (0..<100).map { "run_\(traceID)\($0)" })
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a run is nobody else's`(engine: TestEngine) async throws {
        try await withRuns(engine) { books, user, _ in
            let own = try await books.runs.run("run_1", of: user)
            #expect(own?.usage.runID == "run_1")
            #expect(try await books.runs.run("run_t0", of: user) == nil)
            #expect(try await books.runs.run("run_none", of: user) == nil)
            #expect(try await books.runs.list(RunQuery(userID: user, runID: "run_t0", limit: 10)) == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `runs with a trace are listed newest first, each once, page by page`(engine: TestEngine) async throws {
        try await withRuns(engine) { books, user, runs in
            let expected = Array(runs.filter { $0.usage.traceID != nil }.reversed())
            for limit in [1, 5, 100] {
                var listed: [RunRecord] = []
                var query = RunQuery(userID: user, limit: limit)
                while true {
                    let page = try await books.runs.list(query)
                    listed += page
                    query.after = page.last?.usage.position
                    if page.count < limit { break }
                }
                #expect(listed == expected)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `filters narrow the list down`(engine: TestEngine) async throws {
        try await withRuns(engine) { books, user, runs in
            let (from, to) = (runs[4].usage.createdAt, runs[12].usage.createdAt)
            let cases: [(RunQuery, (RunRecord) -> Bool)] = [
                (RunQuery(userID: user, model: "b", limit: 100), { $0.usage.model == "b" }),
                (RunQuery(userID: user, promptVersion: "p@3", limit: 100), { $0.details?.promptVersion == "p@3" }),
                (RunQuery(userID: user, runID: "run_7", limit: 100), { $0.usage.runID == "run_7" }),
                (RunQuery(userID: user, recordID: "vaas_7", limit: 100), { $0.recordID == "vaas_7" }),
                (RunQuery(userID: user, outcome: .rejected, limit: 100), { !$0.isUsage }),
                (RunQuery(userID: user, outcome: .timeout, limit: 100), { $0.usage.outcome == .timeout }),
                (
                    RunQuery(userID: user, from: from, to: to, limit: 100),
                    { $0.usage.createdAt >= from && $0.usage.createdAt < to }
                ),
                (
                    RunQuery(userID: user, model: "a", promptVersion: "p@2", from: from, limit: 100),
                    { $0.usage.model == "a" && $0.details?.promptVersion == "p@2" && $0.usage.createdAt >= from }
                ),
            ]
            for (query, matches) in cases {
                let expected = runs.reversed().filter { $0.usage.traceID != nil && matches($0) }
                #expect(!expected.isEmpty)
                let listed = try await books.runs.list(query)
                #expect(listed == expected, "\(query)")
            }
        }
    }

    @Test func `lists of runs are read from an index, in its order`() async throws {
        try await withBooks(.sqlite) { books in
            let user = try await books.makeUser()
            let after = UsagePosition(createdAt: 1, id: user.uuid)
            let cases: [(RunQuery, String)] = [
                (RunQuery(userID: user, after: after, limit: 20), "runs_by_user"),
                (RunQuery(userID: user, model: "m", from: 1, to: 9, limit: 20), "runs_by_user"),
                (RunQuery(userID: user, runID: "run_a", limit: 20), "run_id=?"),
            ]
            for (query, index) in cases {
                let plan = try await books.database.query("EXPLAIN QUERY PLAN \(query.statement)")
                let steps = try plan.map { try $0.decode("detail", as: String.self) }
                #expect(steps.contains { $0.contains(index) }, "\(steps)")
                #expect(query.runID != nil || steps.count == 1, "\(steps)")
            }
        }
    }
}

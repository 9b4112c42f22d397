import Database
import Foundation
import TestSupport
import Testing

@testable import Accounts

struct IdempotencySecrecyTests {
    @Test(arguments: TestEngine.allCases)
    func `an answer that was tampered with is not given`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let changes: [SQL] = [
                "run_id = 'run_other'", "ticket = \(UUIDv7(milliseconds: 1))",
                "answer = (SELECT answer FROM idempotent_requests WHERE run_id = 'run_source')",
                "answer = \([UInt8]())", "answer = \([UInt8](repeating: 0, count: 64))",
            ]
            try await requests.complete(
                try await requests.ticket("source"), runID: "run_source", answer: .stub("source"))
            for (index, change) in changes.enumerated() {
                try await requests.complete(
                    try await requests.ticket("\(index)"), runID: "run_\(index)", answer: .stub())
                try await requests.database.execute(
                    "UPDATE idempotent_requests SET \(change) WHERE run_id = \("run_\(index)")")
                await #expect(throws: AccountsError(.database, ""), "\(change.text)") {
                    try await requests.begin("\(index)")
                }
            }
            #expect(try await requests.begin("source") == .replay(.stub("source")))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `an answer with any bit changed is not given`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            try await requests.complete(try await requests.ticket(), answer: .stub())
            let row = try #require(try await requests.database.queryOne("SELECT answer FROM idempotent_requests"))
            let sealed = try row.decode("answer", as: [UInt8].self)
            for index in sealed.indices {
                var changed = sealed
                changed[index] ^= 1
                try await requests.database.execute("UPDATE idempotent_requests SET answer = \(changed)")
                do {
                    let verdict = try await requests.begin()
                    Issue.record("byte \(index): \(verdict)")
                } catch let error as AccountsError {
                    #expect(error.underlying?.code == .corrupt)
                }
            }
        }
    }

    /// Whoever can write to the database but has no master key can't have an answer given for another body.
    @Test(arguments: TestEngine.allCases)
    func `an answer is not given for another body whose hash was put in place`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            try await requests.complete(try await requests.ticket(), answer: .stub())
            _ = try await requests.ticket("other", body: [2])
            try await requests.database.execute(
                """
                UPDATE idempotent_requests SET body_hash = (
                    SELECT body_hash FROM idempotent_requests WHERE run_id IS NULL
                )
                """)
            await #expect(throws: AccountsError(.database, "")) { try await requests.begin(body: [2]) }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `nothing of a request can be read from the database`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let canaries = ["canary-key", "/v1/canary", "canary-answer", "application/json", "\(requests.user)"]
            let body = Array("canary-body".utf8)
            let verdict = try await requests.begin("canary-key", path: "/v1/canary", body: body)
            guard case .proceed(let ticket) = verdict else { throw Requests.UnexpectedVerdict() }
            let completion = requests.store.completion(of: ticket, runID: "run_a", answer: .stub("canary-answer"))
            try await requests.database.write { connection throws(DatabaseError) in try completion(connection) }

            let row = try #require(try await requests.database.queryOne("SELECT * FROM idempotent_requests"))
            for column in ["key_hash", "body_hash", "answer"] {
                let bytes = try row.decode(column, as: [UInt8].self)
                for canary in canaries + ["canary-body"] { #expect(!contains(bytes, canary)) }
            }
            for column in ["ticket", "owner", "run_id"] {
                let text = try row.decode(column, as: String.self)
                for canary in canaries { #expect(!text.contains(canary)) }
            }
        }
    }

    @Test func `nothing of a request can be read from the files`() async throws {
        try await withMasterKey { masterKey in
            try await withTestDatabase(.sqlite) { location in
                let books = Books(
                    .memoryOnSQLite, try await location.open(migrations: AccountStore.migrations), clock: TestClock())
                let requests = Requests(books, masterKey, user: try await books.makeUser())
                try await requests.complete(
                    try await requests.ticket("canary-key", body: Array("canary-body".utf8)),
                    answer: .stub("canary-answer"))
                var byteCount = 0
                for suffix in ["", "-wal"] {
                    let bytes = [UInt8](try Data(contentsOf: URL(filePath: location.location + suffix)))
                    byteCount += bytes.count
                    for canary in ["canary", "/v1/chat", "application/json"] { #expect(!contains(bytes, canary)) }
                }
                #expect(byteCount > 0)
            }
        }
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        Data(bytes).range(of: Data(text.utf8)) != nil
    }
}

import Database
import TestSupport
import Testing

@testable import Accounts

struct IdempotencyTests {
    @Test(arguments: TestEngine.allCases)
    func `the first answer is given again for a day, and then forgotten`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            try await requests.complete(try await requests.ticket(), answer: .stub())
            #expect(try await requests.begin() == .replay(.stub()))
            requests.clock.advance(by: 86_400_000 - 1)
            #expect(try await requests.begin() == .replay(.stub()))
            requests.clock.advance(by: 1)
            let ticket = try await requests.ticket(body: [2])
            try await requests.complete(ticket, runID: "run_b", answer: .stub("other", status: 500))
            #expect(try await requests.begin(body: [2]) == .replay(.stub("other", status: 500)))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the key with another body is told so`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let ticket = try await requests.ticket()
            #expect(try await requests.begin(body: [2]) == .otherBody)
            #expect(try await requests.begin() == .isRunning)
            try await requests.complete(ticket, answer: .stub())
            #expect(try await requests.begin(body: [2]) == .otherBody)
            try await requests.complete(try await requests.ticket("stream"), runID: "run_b", answer: nil)
            #expect(try await requests.begin("stream", body: [2]) == .otherBody)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key is one user's, on one path`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let other = try await requests.books.makeUser()
            try await requests.complete(try await requests.ticket(), answer: .stub())
            guard case .proceed(let theirs) = try await requests.begin(body: [2], user: other),
                case .proceed(let elsewhere) = try await requests.begin(path: "/v1/embeddings", body: [3])
            else {
                Issue.record("another user's key, or another path's, is taken")
                return
            }
            try await requests.complete(theirs, runID: "run_b", answer: .stub("theirs"))
            try await requests.complete(elsewhere, runID: "run_c", answer: .stub("elsewhere"))
            #expect(try await requests.begin() == .replay(.stub()))
            #expect(try await requests.begin(body: [2], user: other) == .replay(.stub("theirs")))
            #expect(try await requests.begin(path: "/v1/embeddings", body: [3]) == .replay(.stub("elsewhere")))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a stream, or an answer that is too long, repeats as its run`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            try await requests.complete(try await requests.ticket("a"), runID: "run_a", answer: nil)
            #expect(try await requests.begin("a") == .notKept(runID: "run_a"))
            for (key, excess) in [("b", 0), ("c", 1)] {
                let body = [UInt8](repeating: 7, count: IdempotencyStore.answerBytesMax + excess)
                let answer = StoredAnswer(status: 200, headers: [], body: body)
                try await requests.complete(try await requests.ticket(key), runID: "run_\(key)", answer: answer)
                let isKept = try await requests.begin(key) == .replay(answer)
                #expect(isKept == (excess == 0))
            }
            #expect(try await requests.begin("c") == .notKept(runID: "run_c"))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a request that spent nothing can be sent again`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let first = try await requests.ticket()
            #expect(try await requests.begin() == .isRunning)
            await requests.store.abandon(first)
            let second = try await requests.ticket(body: [2])
            // Whoever abandons late gives back nothing that is another's.
            await requests.store.abandon(first)
            #expect(try await requests.begin(body: [2]) == .isRunning)
            try await requests.complete(second, answer: .stub())
            await requests.store.abandon(second)
            #expect(try await requests.begin(body: [2]) == .replay(.stub()))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a request is completed with its run or not at all`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            let ticket = try await requests.ticket()
            let completion = requests.store.completion(of: ticket, runID: "run_a", answer: .stub())
            await #expect(throws: DatabaseError(.other, "")) {
                try await requests.database.write { connection throws(DatabaseError) in
                    try completion(connection)
                    throw DatabaseError(.other, "no run")
                }
            }
            #expect(try await requests.begin() == .isRunning)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `keys are 1 to 255 printable characters of ASCII`(engine: TestEngine) async throws {
        try await withRequests(engine) { requests in
            for key in ["", String(repeating: "k", count: 256), "ä", "a\n", "\u{7F}", "a\0"] {
                await #expect(throws: AccountsError(.invalidIdempotencyKey, ""), "\(key.utf8.count)") {
                    try await requests.begin(key)
                }
            }
            for key in ["k", String(repeating: "~", count: 255), "a b"] { _ = try await requests.ticket(key) }
        }
    }
}

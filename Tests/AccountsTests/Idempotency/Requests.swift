import Database
import TestSupport

@testable import Accounts

/// Requests with idempotency keys, as one process serves them.
struct Requests: Sendable {
    let books: Books
    let store: IdempotencyStore
    let masterKey: MasterKey
    let user: UserID

    init(_ books: Books, _ masterKey: MasterKey, user: UserID) {
        self.books = books
        self.masterKey = masterKey
        self.user = user
        let clock = books.clock
        store = IdempotencyStore(database: books.database, masterKey: masterKey) { clock.now }
    }

    var database: Database { books.database }
    var clock: TestClock { books.clock }

    func begin(
        _ key: String = "key", path: String = "/v1/chat/completions", body: [UInt8] = [1], user: UserID? = nil
    ) async throws -> IdempotencyVerdict {
        try await store.begin(key: key, path: path, bodyHash: body, for: user ?? self.user)
    }

    /// Begins what is to be served.
    func ticket(_ key: String = "key", body: [UInt8] = [1]) async throws -> IdempotencyTicket {
        guard case .proceed(let ticket) = try await begin(key, body: body) else { throw UnexpectedVerdict() }
        return ticket
    }

    /// Settles a run that completes the request.
    func complete(_ ticket: IdempotencyTicket, runID: String = "run_a", answer: StoredAnswer?) async throws {
        let reservation = try await books.ledger.reserve(.zero, for: books.session(of: ticket.userID))
        _ = try await books.ledger.settle(
            reservation, as: .stub(runID: runID),
            alongWith: store.completion(of: ticket, runID: runID, answer: answer))
    }

    struct UnexpectedVerdict: Error {}
}

func withRequests(_ engine: TestEngine, _ body: (Requests) async throws -> Void) async throws {
    try await withMasterKey { masterKey in
        try await withBooks(engine) { books in
            try await body(Requests(books, masterKey, user: try await books.makeUser()))
        }
    }
}

/// Two processes serve the same user.
func withTwoRequests(_ engine: TestEngine, _ body: (Requests, Requests) async throws -> Void) async throws {
    try await withMasterKey { masterKey in
        try await withTwoBooks(engine == .sqlite ? .memoryOnSQLite : .leasesOnPostgreSQL) { one, other in
            let user = try await one.makeUser()
            try await body(Requests(one, masterKey, user: user), Requests(other, masterKey, user: user))
        }
    }
}

extension StoredAnswer {
    static func stub(_ text: String = "hello", status: Int = 200) -> StoredAnswer {
        StoredAnswer(
            status: status,
            headers: [
                Header(name: "Content-Type", value: "application/json"), Header(name: "X-Empty", value: ""),
                Header(name: "Content-Type", value: "ä"),
            ],
            body: Array(text.utf8) + [0, 0xFF])
    }
}

import Foundation
import Postgres
import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresOutageTests {
    /// Opens and closes the test's database to everyone, from another one on the same server.
    private func withDoor(
        _ body: (Database, _ close: () throws -> Void, _ open: () throws -> Void) async throws -> Void
    ) async throws {
        try await withTestDatabase(.postgres) { test in
            let database = try await test.open(migrations: [.stub()])
            let name = try await database.queryOne("SELECT current_database() AS name")?.decode("name", as: String.self)
            let quoted = try #require(name)
            func administer(_ script: String) throws {
                var connection = try PostgresConnection(url: test.location + "&dbname=postgres")
                try connection.run(script: script)
            }
            try await body(
                database,
                {
                    try administer("ALTER DATABASE \(quoted) ALLOW_CONNECTIONS false")
                    try administer(
                        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(quoted)'")
                },
                { try administer("ALTER DATABASE \(quoted) ALLOW_CONNECTIONS true") })
        }
    }

    @Test func `after an outage everything works again by itself`() async throws {
        try await withDoor { database, close, open in
            try await database.execute("INSERT INTO items (id) VALUES (1)")
            try close()
            await #expect(throws: DatabaseError(.connectionLost, "")) {
                try await database.query("SELECT id FROM items")
            }
            await #expect(throws: DatabaseError(.connectionLost, "")) {
                try await database.execute("INSERT INTO items (id) VALUES (2)")
            }
            try open()
            try await Blocking.until { (try? await database.query("SELECT id FROM items"))?.count == 1 }
            try await database.execute("INSERT INTO items (id) VALUES (2)")
        }
    }

    @Test func `during an outage no two tokens are equal, and after it all are new`() async throws {
        try await withDoor { database, close, open in
            let topic = ChangeTopic(1)
            func rests() -> Bool { database.changeToken(for: topic) == database.changeToken(for: topic) }
            try await Blocking.until { rests() }
            let token = database.changeToken(for: topic)
            try close()
            try await Blocking.until { !rests() }
            try open()
            try await Blocking.until { rests() }
            #expect(database.changeToken(for: topic) != token)
        }
    }

    @Test func `a server that refuses is not asked again by everyone`() async throws {
        let server = try RefusingServer()
        let url = "postgres://user@127.0.0.1:\(server.port)/db?sslmode=disable&gssencmode=disable"
        let database = Database(engine: try PostgresEngine(url: url, limits: .init()))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    await #expect(throws: DatabaseError(.connectionLost, "")) { try await database.query("SELECT 1") }
                }
            }
        }
        #expect(server.acceptedCount > 0)
        #expect(server.acceptedCount < 100)
    }
}

/// Accepts connections, and closes each at once.
private final class RefusingServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let accepted = Counter()

    var acceptedCount: Int { accepted.value }

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, size) == 0 && listen(listener, 100) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(isListening)
        Thread.detachNewThread { [accepted] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                accepted.increment()
                close(connection)
            }
        }
    }

    deinit {
        // Unlike `close`, this ends the thread's wait.
        shutdown(listener, Int32(SHUT_RDWR))
    }
}

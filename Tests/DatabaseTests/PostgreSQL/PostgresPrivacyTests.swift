import Foundation
import TestSupport
import Testing

@testable import Database

struct PostgresPrivacyTests {
    private func expectSilence(_ error: DatabaseError?, _ comment: Comment? = nil) {
        let texts = error.map { ["\($0)", $0.debugDescription, $0.message, $0.detail] } ?? []
        #expect(texts.allSatisfy { !$0.contains("canary") }, comment)
    }

    @Test func `a wrong password is not repeated in the error`() async throws {
        try await withTestDatabase(.postgres) { test in
            let error = await #expect(throws: DatabaseError.self) {
                try await Database.open(url: test.location + "&password=canary", migrations: [])
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.detail.contains("password authentication failed") == true)
            expectSilence(error)
        }
    }

    @Test(arguments: [
        "mysql://user:canary@/db", "user:canary@/db", "postgres:/user:canary@/db", "",
        "postgres://user:%zzcanary@/db?host=/nowhere", "postgres://user:can%00ary@/db?host=/nowhere",
        "postgres://user:canary@/db?host=/nowhere", "postgres://user:canary@127.0.0.1:port/db",
        "postgres://canary:canary@/canary?host=/nowhere/canary", "postgres://u@/db?host=/nowhere&sslmode=canary",
        "postgres://u@/db?host=/nowhere&canary=canary", "postgres://user:secret/canary@/db?host=/nowhere",
        "postgres://user:canary@/db?host=/nowhere\0", "host=/nowhere password=canary",
    ])
    func `no part of a URL that leads nowhere is shown`(url: String) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await Database.open(url: url, migrations: [])
        }
        expectSilence(error, "\(url)")
    }

    private static let mistakes: [SQL] = [
        "SELECT CAST(\("canary") AS BIGINT)",
        "SELECT CAST(\("canary") AS TIMESTAMP)",
        "INSERT INTO items (id, name) VALUES (2, \("canary"))",
        "INSERT INTO items (id, name, size) VALUES (2, \("canary2"), 0)",
        "INSERT INTO items (id, name) SELECT NULL, \("canary")",
        "INSERT INTO items (id, name) VALUES (2, \(String(repeating: "canary", count: 100_000)))",
        "SELECT \("canary") FROM nowhere",
        "SELECT * FROM items WHERE id = \("canary")",
        "SELECT convert_from(CAST(\(Array("canary\u{1F600}".utf8)) AS BYTEA), 'SQL_ASCII') || 1 / 0",
    ]

    @Test(arguments: mistakes.indices)
    func `no value is shown, whatever the server finds wrong with it`(index: Int) async throws {
        try await withDatabase(.postgres, migrations: [.stub()]) { database in
            try await database.execute("INSERT INTO items (id, name) VALUES (1, \("canary"))")
            let error = await #expect(throws: DatabaseError.self) {
                try await database.execute(Self.mistakes[index])
            }
            expectSilence(error)
        }
    }
}

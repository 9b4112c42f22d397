import TestSupport
import Testing

@testable import Database

@Suite(.timeLimit(.minutes(5)))
struct PostgresGroupLossTests {
    /// Ten writes of one group, each with a row, of which one runs `deed` after it.
    private func write(
        _ bed: GroupTestBed, _ deed: @escaping @Sendable (Connection) throws(DatabaseError) -> Void
    ) async throws -> [DatabaseError.Code?] {
        try await bed.writeTogether(10) { index, connection throws(DatabaseError) in
            try connection.execute("INSERT INTO items (id) VALUES (\(index))")
            if index == 6 { try deed(connection) }
        }.map { result in
            if case .failure(let error) = result { error.code } else { nil }
        }
    }

    @Test func `when the connection breaks half-way all of the group is run once more`() async throws {
        try await GroupTestBed.run { bed in
            let runs = Counter()
            let codes = try await write(bed) { connection throws(DatabaseError) in
                if runs.increment() == 1 { _ = try connection.query(terminationOfSelf) }
            }
            #expect(codes == Array(repeating: nil, count: 10))
            #expect(runs.value == 2)
            #expect(try await bed.ids() == Array(0..<10))
        }
    }

    @Test func `when it breaks each time all are told so, and nothing is stored`() async throws {
        try await GroupTestBed.run { bed in
            let runs = Counter()
            let codes = try await write(bed) { connection throws(DatabaseError) in
                runs.increment()
                _ = try connection.query(terminationOfSelf)
            }
            #expect(codes == Array(repeating: .connectionLost, count: 10))
            #expect(runs.value == 2)
            #expect(try await bed.ids().isEmpty)
            let next = await bed.write { connection throws(DatabaseError) in
                try connection.execute("INSERT INTO items (id) VALUES (100)")
            }
            #expect(try next.get() == 1)
        }
    }

    @Test func `when it breaks while some are undone alone all are told so, and nothing is stored`() async throws {
        try await GroupTestBed.run { bed in
            let runs = Counter()
            let codes = try await write(bed) { connection throws(DatabaseError) in
                if runs.increment() == 1 { throw DatabaseError(.invalidRow, "stop") }
                _ = try connection.query(terminationOfSelf)
            }
            #expect(codes == Array(repeating: .connectionLost, count: 10))
            #expect(runs.value == 3)
            #expect(try await bed.ids().isEmpty)
        }
    }

    @Test func `when it breaks during the commit all are told so, and nothing is repeated`() async throws {
        try await GroupTestBed.run { bed in
            let runs = Counter()
            let codes = try await write(bed) { connection throws(DatabaseError) in
                runs.increment()
                try connection.execute("INSERT INTO fatal (id) VALUES (1)")
            }
            #expect(codes == Array(repeating: .connectionLost, count: 10))
            #expect(runs.value == 1)
            #expect(try await bed.ids().isEmpty)
        }
    }
}

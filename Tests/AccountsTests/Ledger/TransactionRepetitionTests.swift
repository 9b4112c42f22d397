import Database
import Testing

@testable import Accounts

struct TransactionRepetitionTests {
    /// Fails with each of these in turn, then answers how often it was asked.
    private struct Transaction {
        var failures: [DatabaseError.Code]
        private(set) var count = 0

        init(_ failures: DatabaseError.Code...) {
            self.failures = failures
        }

        mutating func run() throws(DatabaseError) -> Int {
            count += 1
            guard failures.isEmpty else { throw DatabaseError(failures.removeFirst(), "") }
            return count
        }
    }

    private let repetition = TransactionRepetition { _ in }

    @Test(arguments: [DatabaseError.Code.connectionLost, .serializationFailure, .uniqueViolation])
    func `a transaction that may do better is run again`(code: DatabaseError.Code) async throws {
        var transaction = Transaction(code, code)
        #expect(try await repetition.run { () throws(DatabaseError) in try transaction.run() } == 3)
    }

    @Test func `a transaction that keeps failing is given up`() async {
        var transaction = Transaction(.busy)
        await #expect(throws: DatabaseError(.busy, "")) {
            try await repetition.run { () throws(DatabaseError) in try transaction.run() }
        }
        #expect(transaction.count == 1)

        transaction = Transaction()
        transaction.failures = Array(repeating: .connectionLost, count: 100)
        await #expect(throws: DatabaseError(.connectionLost, "")) {
            try await repetition.run { () throws(DatabaseError) in try transaction.run() }
        }
        #expect(transaction.count == TransactionRepetition.attemptCountMax)
    }
}

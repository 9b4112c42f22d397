import Foundation
internal import Postgres

/// Runs transactions on a connection of its own, on one thread, and again where a failure promises that this helps.
final class PostgresWorker {
    private let server: PostgresServer
    private let changes: ChangeCounters
    private var session: PostgresSession?

    init(server: PostgresServer, changes: ChangeCounters) {
        self.server = server
        self.changes = changes
    }

    func query(_ sql: SQL, countMax: Int) throws(DatabaseError) -> [Row] {
        try repeating { $0.attemptQuery(sql, countMax: countMax) }
    }

    func read<Value>(_ body: (Connection) throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
        try repeating { $0.attemptRead(body) }
    }

    func write<Value>(
        _ options: WriteOptions, _ body: (Connection) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        try repeating { announcing($0.attemptWrite(options, body), of: $0) }
    }

    /// Counts what a transaction has announced if it was committed, or may have been.
    func announcing<Value>(
        _ outcome: TransactionOutcome<Value>, of session: PostgresSession
    ) -> TransactionOutcome<Value> {
        switch outcome {
        case .done, .unknown: changes.count(session.announcements)
        case .refused, .failed: break
        }
        return outcome
    }

    /// Runs attempts until one ends in a way that another would not change.
    func repeating<Value>(
        _ attempt: (PostgresSession) -> TransactionOutcome<Value>
    ) throws(DatabaseError) -> Value {
        var limit = RepetitionLimit()
        while true {
            let session = try connected()
            let outcome = attempt(session)
            if session.isLost || session.isInTransaction { self.session = nil }
            switch outcome {
            case .done(let value):
                return value
            case .refused(let error):
                throw error
            case .failed(let cause, let error):
                guard let pause = limit.pause(after: cause) else { throw error }
                Thread.sleep(forTimeInterval: pause / .seconds(1))
            case .unknown(let cause):
                throw DatabaseError(
                    .connectionLost,
                    "the connection to the database server broke during a commit",
                    detail: cause.description)
            }
        }
    }

    private func connected() throws(DatabaseError) -> PostgresSession {
        if let session { return session }
        do {
            let session = try server.connect()
            self.session = session
            return session
        } catch {
            throw DatabaseError(postgres: error)
        }
    }
}

import Accounts
import Database
import Glibc

/// Spends, credits and releases at random until it is killed, and checks afterwards that the books are right.
///
///     ledger-torture run DATABASE JOURNAL SEED OPERATIONS CONCURRENCY
///     ledger-torture check DATABASE JOURNAL…
///
/// `DATABASE` is the path of an SQLite file or the URL of a PostgreSQL database; several processes may run on the latter
/// at once, each with a journal of its own. `run` prints how many operations it has done now and then. The exit code is
/// 0 if everything went well, 1 if a promise was broken, which is printed.
@main
enum LedgerTorture {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch let failure as Failure {
            print("FAILED: \(failure.message)")
            exit(1)
        } catch {
            print("FAILED: \(String(reflecting: error))")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        switch (arguments.first, arguments.count) {
        case ("run", 6):
            guard let seed = UInt64(arguments[3]), let operations = Int(arguments[4]),
                let concurrency = Int(arguments[5])
            else { throw Failure("seed, operations and concurrency are numbers") }
            let database = try await open(arguments[1])
            let spender = Spender(
                database: database, cast: Cast(), journal: try Journal(appendingTo: arguments[2]), seed: seed)
            try await spender.run(operations: operations, concurrency: concurrency)
        case ("check", 3...):
            let record = try JournalRecord(reading: Array(arguments.dropFirst(2)))
            let checker = Checker(database: try await open(arguments[1]), cast: Cast(), record: record)
            print(try await checker.check())
        default:
            throw Failure("usage: run DATABASE JOURNAL SEED OPERATIONS CONCURRENCY | check DATABASE JOURNAL…")
        }
    }

    private static func open(_ database: String) async throws -> Database {
        if database.hasPrefix("postgres") {
            return try await Database.open(url: database, migrations: AccountStore.migrations)
        }
        return try await Database.open(path: database, migrations: AccountStore.migrations)
    }
}

/// A promise that was broken, or a mistake in the arguments.
struct Failure: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

import Dispatch
import TestSupport

@testable import Database

/// The engine alone, to see what waits in it.
struct GroupTestBed {
    static let group = TransactionGroup(TransactionLock("log"))

    let engine: PostgresEngine
    /// A second process.
    let other: Database

    /// - Parameter limits: Unless they are what is tested, nothing is refused because the machine is busy.
    static func run(
        limits: QueueLimits = QueueLimits(waitingTimeMax: .seconds(240)), _ body: (GroupTestBed) async throws -> Void
    ) async throws {
        try await withTestDatabase(.postgres) { test in
            let other = try await test.open(migrations: [.stub(), fatalCommit])
            try await body(GroupTestBed(engine: PostgresEngine(url: test.location, limits: limits), other: other))
        }
    }

    /// A trigger that waits for the commit and then ends the connection.
    private static let fatalCommit = Migration.stub(
        2, name: "fatal commit",
        """
        CREATE TABLE fatal (id BIGINT);
        CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION hang_up();
        """)

    var waitingCount: Int { engine.groups.queue(of: Self.group).waitingCount }

    func ids() async throws -> [Int] {
        try await other.query("SELECT id FROM items ORDER BY id").map { try $0.decode("id", as: Int.self) }
    }

    func write<Value: Sendable>(
        _ options: WriteOptions = WriteOptions(group: group),
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async -> Result<Value, DatabaseError> {
        do throws(DatabaseError) {
            return .success(try await engine.write(options, body))
        } catch {
            return .failure(error)
        }
    }

    /// Keeps the group's thread busy with another write.
    func block(until gate: DispatchSemaphore) async -> Task<Void, Never> {
        let entered = AsyncStream<Void>.makeStream()
        let task = Task {
            _ = await write { _ throws(DatabaseError) in
                entered.continuation.finish()
                gate.wait()
            }
        }
        for await _ in entered.stream {}
        return task
    }

    /// Runs so many writes, in this order, as one group.
    func writeTogether<Value: Sendable>(
        _ count: Int, options: (Int) -> WriteOptions = { _ in WriteOptions(group: group) },
        whileWaiting: () async throws -> Void = {},
        _ body: @escaping @Sendable (Int, Connection) throws(DatabaseError) -> Value
    ) async throws -> [Result<Value, DatabaseError>] {
        let gate = DispatchSemaphore(value: 0)
        // Whatever goes wrong, nobody waits for good.
        defer { gate.signal() }
        let blocker = await block(until: gate)
        return try await withThrowingTaskGroup(of: (Int, Result<Value, DatabaseError>).self) { tasks in
            for index in 0..<count {
                let options = options(index)
                tasks.addTask {
                    (index, await write(options) { connection throws(DatabaseError) in try body(index, connection) })
                }
                try await Blocking.until { waitingCount == index + 1 }
            }
            try await whileWaiting()
            gate.signal()
            await blocker.value
            return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}

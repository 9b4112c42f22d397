import Dispatch
import GRDB
import Synchronization

/// Moves what was committed from the write-ahead log into the database file, beside the writer instead of in its way.
///
/// A checkpoint syncs the disk twice; done by the writer it would make the commits wait that come next. This one waits
/// for nobody and makes nobody wait (`PASSIVE`), on a connection and a queue of its own. Should it not keep up, the
/// writer itself begins the log anew when it has grown far; see `SQLiteEngine.logPagesMax`.
/// https://www.sqlite.org/wal.html#ckpt
final class SQLiteCheckpointer: Sendable {
    private let connection: DatabaseQueue
    private let queue = DispatchQueue(label: "database.checkpoint")
    private let isDue = Mutex(false)

    private static let delay = DispatchTimeInterval.milliseconds(250)

    init(path: String, configuration: GRDB.Configuration) throws {
        connection = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// To be called after every commit; the checkpoint comes a little later, one for many commits.
    func committed() {
        let isFirst = isDue.withLock { isDue in
            defer { isDue = true }
            return !isDue
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + Self.delay) { [weak self] in self?.checkpoint() }
    }

    private func checkpoint() {
        isDue.withLock { $0 = false }
        // What could not be moved stays in the log, where it is as safe, and is tried again after the next commit.
        try? connection.writeWithoutTransaction { database in _ = try database.checkpoint(.passive) }
    }
}

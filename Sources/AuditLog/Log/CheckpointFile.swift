import Audit
import Dispatch
import Foundation
import Glibc
import Synchronization

/// The last checkpoint in a file apart from the database, so that a database that was put back to an earlier state can't
/// go on as if nothing had been.
///
/// Several processes may share the file. A checkpoint never takes the place of one of a larger log.
final class CheckpointFile: Sendable {
    let path: String
    private let queue = DispatchQueue(label: "audit.checkpoint-file")
    /// The size of the last checkpoint that is known to be in the file.
    private let knownSize = Mutex<UInt64>(0)

    init(path: String) {
        self.path = path
    }

    /// Keeps a checkpoint, unless a later one is kept already. When this returns, it is on disk.
    ///
    /// - Throws: `database` if it can't be written.
    func write(_ checkpoint: SignedCheckpoint) async throws(AuditLogError) {
        guard knownSize.withLock({ $0 < checkpoint.size }) else { return }
        let failure: (any Error)? = await onQueue { [self] in
            do {
                try store(checkpoint)
                return nil
            } catch {
                return error
            }
        }
        if let failure {
            throw AuditLogError(.database, "the checkpoint file can't be written", detail: "\(path): \(failure)")
        }
        knownSize.withLock { $0 = max($0, checkpoint.size) }
    }

    /// The note in the file; nil if there is no file.
    ///
    /// - Throws: `database` if it can't be read.
    func read() async throws(AuditLogError) -> String? {
        let result: Result<String?, any Error> = await onQueue { [self] in Result { try storedNote() } }
        do {
            return try result.get()
        } catch {
            throw AuditLogError(.database, "the checkpoint file can't be read", detail: "\(path): \(error)")
        }
    }

    /// Files make threads wait, so they are used on one of their own.
    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

// MARK: - On the queue

extension CheckpointFile {
    private func storedNote() throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// The folder is locked meanwhile, since other processes do the same, and synced at the end, since only then the
    /// file is durable under its name.
    private func store(_ checkpoint: SignedCheckpoint) throws {
        let folder = unsafe Glibc.open(
            URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure() }
        defer { close(folder) }
        guard flock(folder, LOCK_EX) == 0 else { throw Self.failure() }
        // What can't be read as a checkpoint is replaced: it was told of when the log was opened.
        let stored = try storedNote().flatMap { try? Checkpoint(text: SignedNote($0).text) }
        if let stored, stored.origin == checkpoint.checkpoint.origin, stored.size >= checkpoint.size { return }
        let newPath = path + ".new"
        try Data(checkpoint.note.utf8).write(to: URL(filePath: newPath))
        let file = try FileHandle(forWritingTo: URL(filePath: newPath))
        try file.synchronize()
        try file.close()
        guard unsafe rename(newPath, path) == 0, fsync(folder) == 0 else { throw Self.failure() }
    }

    private static func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}

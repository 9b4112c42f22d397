import Audit
import Dispatch
import Foundation

/// The last checkpoint in a file apart from the database, so that a database that was put back to an earlier state can't
/// go on as if nothing had been.
struct CheckpointFile: Sendable {
    let path: String
    private let queue = DispatchQueue(label: "audit.checkpoint-file")

    init(path: String) {
        self.path = path
    }

    /// Replaces the file. When this returns, it is on disk.
    ///
    /// - Throws: `database` if it can't be written.
    func write(_ note: String) async throws(AuditLogError) {
        let failure: (any Error)? = await onQueue {
            do {
                try write(note, beside: "\(path).new")
                return nil
            } catch {
                return error
            }
        }
        guard let failure else { return }
        throw AuditLogError(.database, "the checkpoint file can't be written", detail: "\(path): \(failure)")
    }

    /// The note in the file; nil if there is no file.
    ///
    /// - Throws: `database` if it can't be read.
    func read() async throws(AuditLogError) -> String? {
        let result: Result<String?, any Error> = await onQueue {
            Result {
                guard FileManager.default.fileExists(atPath: path) else { return nil }
                return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            }
        }
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

    private func write(_ note: String, beside temporaryPath: String) throws {
        let url = URL(filePath: temporaryPath)
        try Data(note.utf8).write(to: url)
        let file = try FileHandle(forWritingTo: url)
        try file.synchronize()
        try file.close()
        _ = try FileManager.default.replaceItemAt(URL(filePath: path), withItemAt: url)
    }
}

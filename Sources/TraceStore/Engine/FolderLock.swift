import Glibc

/// Keeps other processes away from a folder while this one lives: the system drops the lock with the process, however
/// it ends.
struct FolderLock: ~Copyable, Sendable {
    private let descriptor: CInt

    /// - Throws: `TraceStoreError.locked` when another process holds the lock.
    init(_ path: String, in system: FileSystem) throws {
        try system.check(.open, path)
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: .open, path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw FileError(operation: .open, path: path, code: code) }
            throw TraceStoreError(
                .locked, "another batchin is serving this data folder", detail: "\(path) is locked")
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

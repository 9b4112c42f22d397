import Glibc

/// A file that only its owner may read.
package enum PrivateFile {
    /// Creates the file with this content and mode 0600, unless there is one already.
    ///
    /// The content is written beside it, synced and linked into place, so that of two processes one wins, both see the
    /// same whole content, and a crash leaves none or all of it. Nothing is opened at `path` itself: closing any
    /// descriptor of an SQLite file would release the locks that this process holds on it.
    /// https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
    ///
    /// - Throws: `inputOutput` or `diskFull`.
    package static func createIfAbsent(path: String, content: [UInt8] = []) throws(DatabaseError) {
        guard unsafe access(path, F_OK) != 0 else { return }
        let random = UInt64.random(in: .min ... .max)
        let temporaryPath = "\(path).\(String(random, radix: 36)).new"
        defer { unsafe unlink(temporaryPath) }
        try write(content, to: temporaryPath)
        guard unsafe link(temporaryPath, path) == 0 || errno == EEXIST else { throw failure("link", path) }
        try syncFolder(of: path)
    }

    /// Reads a small file that nobody but its owner may read.
    ///
    /// - Parameter name: What messages call the file.
    /// - Throws: `inputOutput` if there is no such file, others may read it, or it does not hold exactly so many bytes;
    ///   the message says which, and the detail names the path.
    package static func read(_ name: String, at path: String, byteCount: Int) throws(DatabaseError) -> [UInt8] {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw readingFailure("\(name) can't be opened", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw readingFailure("\(name) can't be read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DatabaseError(.inputOutput, "\(name) is not a regular file", detail: path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw DatabaseError(
                .inputOutput,
                "\(name) is open to other users (mode \(String(status.st_mode & 0o777, radix: 8))); "
                    + "make it mode 600, and consider what they may have read",
                detail: path)
        }
        guard status.st_size == byteCount else {
            throw DatabaseError(
                .inputOutput, "\(name) must hold exactly \(byteCount) bytes, it holds \(status.st_size)", detail: path)
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count = unsafe Glibc.read(descriptor, &bytes, byteCount)
        guard count == byteCount else { throw readingFailure("\(name) can't be read", path) }
        return bytes
    }

    private static func readingFailure(_ message: String, _ path: String) -> DatabaseError {
        let number = errno
        return DatabaseError(.inputOutput, message, detail: unsafe "\(path): \(String(cString: strerror(number)))")
    }

    private static func write(_ content: [UInt8], to path: String) throws(DatabaseError) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", path) }
        defer { close(descriptor) }
        // Contents are tens of bytes, which a regular file takes whole or, on a full disk, not at all.
        let written = unsafe Glibc.write(descriptor, content, content.count)
        guard written == content.count else { throw failure("write", path) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// A new name is durable only once its folder is synced.
    private static func syncFolder(of path: String) throws(DatabaseError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let folder = parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
        let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", folder) }
    }

    private static func failure(_ deed: String, _ path: String) -> DatabaseError {
        let number = errno
        let detail = unsafe "\(deed) \(path): \(String(cString: strerror(number)))"
        return number == ENOSPC
            ? DatabaseError(.diskFull, "the disk is full", detail: detail)
            : DatabaseError(.inputOutput, "a private file can't be made", detail: detail)
    }
}

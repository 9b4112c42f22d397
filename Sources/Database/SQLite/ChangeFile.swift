import Glibc

/// The announcements of all processes that have the same database file open: one random number for each topic, replaced
/// after every commit that announces it.
///
/// Reading costs one system call and no lock. Nothing in the file is worth keeping: it is never synced, and a process
/// that dies between its commit and its announcement is why caches must drop their entries after a while all the same.
struct ChangeFile: Sendable {
    private let descriptor: FileDescriptor

    private static let entrySize = 8

    /// Opens the file, having made it where there is none, readable by its owner only.
    ///
    /// - Throws: `inputOutput` or `diskFull`.
    init(path: String) throws(DatabaseError) {
        let content = [UInt8](repeating: 0, count: ChangeTopic.countMax * Self.entrySize)
        try PrivateFile.createIfAbsent(path: path, content: content)
        descriptor = try FileDescriptor(opening: path)
    }

    /// When the file can't be read, the token is one of a kind, so that nobody takes two failures for the same state.
    func token(for topic: ChangeTopic) -> ChangeToken {
        var value: UInt64 = 0
        let count = unsafe pread(descriptor.number, &value, Self.entrySize, off_t(topic.number * Self.entrySize))
        return ChangeToken(count == Self.entrySize ? value : .random(in: .min ... .max))
    }

    func announce(_ topics: Set<ChangeTopic>) {
        for topic in topics {
            var value = UInt64.random(in: .min ... .max)
            // A failure, on a disk that is full, say, only makes caches live out their time.
            unsafe pwrite(descriptor.number, &value, Self.entrySize, off_t(topic.number * Self.entrySize))
        }
    }
}

/// An open file, closed when the last copy of the value goes away.
private final class FileDescriptor: Sendable {
    let number: Int32

    init(opening path: String) throws(DatabaseError) {
        number = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard number >= 0 else {
            let detail = unsafe "open \(path): \(String(cString: strerror(errno)))"
            throw DatabaseError(.inputOutput, "the database's change file can't be opened", detail: detail)
        }
    }

    deinit {
        close(number)
    }
}

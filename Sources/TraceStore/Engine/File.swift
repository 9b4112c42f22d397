import Glibc

/// An open file, read and written at explicit offsets; closed when it goes out of scope.
///
/// Manual: https://man7.org/linux/man-pages/man2/pread.2.html, fdatasync(2).
@safe struct File: ~Copyable, Sendable {
    enum Mode {
        case read
        /// Reads and writes an existing file.
        case update
        /// Makes an empty file, replacing one of that name.
        case create

        var flags: CInt {
            switch self {
            case .read: O_RDONLY
            case .update: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        }
    }

    let path: String
    private let descriptor: CInt
    private let system: FileSystem

    init(_ path: String, _ mode: Mode, in system: FileSystem) throws(FileError) {
        try system.check(.open, path)
        let descriptor = unsafe open(path, mode.flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: .open, path: path, code: errno) }
        self.path = path
        self.descriptor = descriptor
        self.system = system
    }

    deinit {
        close(descriptor)
    }

    /// The file's size in bytes.
    func size() throws(FileError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(.read) }
        return Int(status.st_size)
    }

    /// Reads up to `count` bytes at `offset`; fewer come back only at the file's end.
    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try system.check(.read, path)
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                failed = got < 0
                if got <= 0 { return }
                filled += got
            }
        }
        if failed { throw failure(.read) }
        return bytes
    }

    /// Writes all of `bytes` at `offset`; they are durable only after `sync`.
    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        try system.check(.write, path)
        var written = 0
        while written < bytes.byteCount {
            let done = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written,
                    off_t(offset + written))
            }
            if done < 0 && errno == EINTR { continue }
            guard done > 0 else { throw failure(.write) }
            written += done
        }
    }

    /// Returns once the file's data, and the metadata needed to read it, is on disk.
    func sync() throws(FileError) {
        try system.check(.sync, path)
        while fdatasync(descriptor) != 0 {
            guard errno == EINTR else { throw failure(.sync) }
        }
    }

    private func failure(_ operation: FileOperation) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}

import Database
import Glibc

/// A small file that holds a secret and is refused when others could have read it.
enum SecretFile {
    /// - Throws: `masterKey`, saying what is wrong with the file and how to mend it.
    static func read(path: String, byteCount: Int) throws(AccountsError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("the master key file can't be opened", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("the master key file can't be read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw AccountsError(.masterKey, "the master key is not in a regular file", detail: path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw AccountsError(
                .masterKey,
                "the master key file is open to other users (mode \(String(status.st_mode & 0o777, radix: 8))); "
                    + "make it mode 600, and consider what they may have read",
                detail: path)
        }
        guard status.st_size == byteCount else {
            throw AccountsError(
                .masterKey,
                "the master key file must hold exactly \(byteCount) bytes, it holds \(status.st_size)",
                detail: path)
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let count = unsafe Glibc.read(descriptor, &bytes, byteCount)
        guard count == byteCount else { throw failure("the master key file can't be read", path) }
        return bytes
    }

    /// Creates the file with mode 0600, and its folder with mode 0700, where there is none.
    static func createIfAbsent(path: String, content: [UInt8]) throws(AccountsError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !folder.isEmpty {
            guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw failure("the master key's folder can't be made", folder)
            }
        }
        do {
            try PrivateFile.createIfAbsent(path: path, content: content)
        } catch {
            throw AccountsError(.masterKey, "the master key file can't be made", detail: error.debugDescription)
        }
    }

    /// Overwrites a secret with zeros in a way the optimizer keeps.
    static func wipe(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            if let address = buffer.baseAddress {
                unsafe explicit_bzero(address, buffer.count)
            }
        }
    }

    private static func failure(_ message: String, _ path: String) -> AccountsError {
        let number = errno
        return AccountsError(.masterKey, message, detail: unsafe "\(path): \(String(cString: strerror(number)))")
    }
}

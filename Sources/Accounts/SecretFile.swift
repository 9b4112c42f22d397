import Database
import Glibc

/// A small file that holds a secret and is refused when others could have read it.
enum SecretFile {
    /// - Throws: `masterKey`, saying what is wrong with the file and how to mend it.
    static func read(path: String, byteCount: Int) throws(AccountsError) -> [UInt8] {
        do {
            return try PrivateFile.read("the master key file", at: path, byteCount: byteCount)
        } catch {
            throw AccountsError(.masterKey, error.message, detail: error.detail)
        }
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

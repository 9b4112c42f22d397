import Audit
import Database
import Glibc
package import Sodium

/// Where the secret keys of the log are: a folder of files that only their owner may read, 32 bytes each.
package struct KeyFolder: Sendable {
    let path: String

    package init(path: String) {
        self.path = path
    }

    /// The file in which the root's secret is kept, unless it is kept elsewhere.
    package var rootFile: String { "\(path)/audit-root.key" }

    /// - Throws: `keys` if there is no such key here, or others could have read it.
    func key(_ role: KeyRole, _ keyID: KeyID) throws(AuditLogError) -> Ed25519SigningKey {
        let name = "the file of the \(role.rawValue) key"
        let key = try Self.key(in: file(role, keyID), name)
        guard KeyID(of: key.publicKey) == keyID else {
            throw AuditLogError(.keys, "\(name) holds another key", detail: file(role, keyID))
        }
        return key
    }

    func add(_ key: Ed25519SigningKey, _ role: KeyRole) throws(AuditLogError) {
        try Self.store(key, in: file(role, KeyID(of: key.publicKey)))
    }

    private func file(_ role: KeyRole, _ keyID: KeyID) -> String { "\(path)/audit-\(role.rawValue)-\(keyID).key" }

    /// The root's key, wherever it is.
    ///
    /// - Throws: `keys`.
    package static func root(inFile path: String) throws(AuditLogError) -> Ed25519SigningKey {
        try key(in: path, "the file of the root's key")
    }

    /// The root's key, which is made and stored if there is no such file.
    ///
    /// - Throws: `keys`.
    package static func makeRoot(inFile path: String) throws(AuditLogError) -> Ed25519SigningKey {
        do {
            try store(try Ed25519SigningKey(), in: path)
        } catch let error as AuditLogError {
            throw error
        } catch {
            throw AuditLogError(.keys, "the cryptographic library can't be used")
        }
        return try root(inFile: path)
    }

    /// Stores a secret in a file of its own, mode 0600, in a folder that is made, mode 0700, if there is none.
    ///
    /// - Throws: `keys`.
    static func store(_ key: Ed25519SigningKey, in path: String) throws(AuditLogError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !folder.isEmpty {
            guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw AuditLogError(.keys, "the folder for secret keys can't be made", detail: folder)
            }
        }
        do {
            try key.withSeed { seed throws(DatabaseError) in try PrivateFile.createIfAbsent(path: path, content: seed) }
        } catch {
            throw AuditLogError(.keys, "a secret key can't be stored", detail: error.debugDescription)
        }
    }

    private static func key(in path: String, _ name: String) throws(AuditLogError) -> Ed25519SigningKey {
        do {
            return try Ed25519SigningKey(
                seed: try PrivateFile.read(name, at: path, byteCount: Ed25519SigningKey.seedByteCount))
        } catch let error as DatabaseError {
            throw AuditLogError(.keys, error.message, detail: error.detail)
        } catch {
            throw AuditLogError(.keys, "the cryptographic library can't be used")
        }
    }
}

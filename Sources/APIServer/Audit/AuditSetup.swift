package import AuditLog
package import Database
import Foundation
import Logging
package import Sodium

/// Where the audit log of an installation is, and how it is begun.
package struct AuditSetup: Sendable {
    package let database: Database
    package let keyFolder: KeyFolder
    /// The root's public key, for whoever verifies packs.
    package let rootFile: String
    private let configuration: Configuration

    package init(_ configuration: Configuration, _ database: Database) {
        self.configuration = configuration
        self.database = database
        keyFolder = KeyFolder(path: configuration.path(inData: "secrets"))
        rootFile = configuration.path(inData: "audit/root.pub")
    }

    /// Whether there is no log yet.
    ///
    /// - Throws: `audit`.
    func isNew() async throws(StartError) -> Bool {
        do {
            return try await LogIdentity.stored(in: database) == nil
        } catch {
            throw StartError(error)
        }
    }

    /// Opens the log, having begun it first where there is none: that is for development only, since there the root's
    /// secret stays on the same machine.
    ///
    /// - Throws: `audit`.
    func open(port: Int, _ logger: Logger) async throws(StartError) -> AuditLog {
        do {
            if try await isNew() {
                guard !configuration.isProduction else {
                    throw StartError(
                        .audit,
                        "the audit log has no root key yet; run batchin audit init-root, which can keep it offline")
                }
                try await begin(origin: origin(port: port), rootSecretFile: keyFolder.rootFile)
                logger.notice(
                    "made the root key of the audit log and the keys that sign",
                    metadata: ["root": "\(keyFolder.rootFile)", "public": "\(rootFile)"])
            }
            let log = try await openExisting()
            if let inconsistency = log.inconsistency {
                logger.critical(
                    "the audit log is damaged; nothing is signed", metadata: ["reason": "\(inconsistency)"])
            }
            return log
        } catch let error as StartError {
            throw error
        } catch let error as AuditLogError {
            throw StartError(error)
        } catch {
            throw StartError(.audit, "the audit log can't be opened: \(error)")
        }
    }

    /// Opens a log that was begun.
    ///
    /// - Throws: `AuditLogError`, `StartError`.
    package func openExisting() async throws -> AuditLog {
        let log = try await AuditLog.open(
            database, folder: keyFolder, checkpointFile: configuration.audit.checkpointFile)
        if let wanted = configuration.audit.origin, wanted != log.origin {
            throw StartError(
                .audit, "audit.origin is \(wanted), but the log was begun as \(log.origin), and its name is for good")
        }
        try publishRoot(log.root)
        return log
    }

    /// Begins a log with a root that is made here, unless there is one.
    ///
    /// - Parameter rootSecretFile: Where the root's secret is kept.
    /// - Returns: The root.
    /// - Throws: `AuditLogError`, `StartError`.
    @discardableResult
    package func begin(origin: String, rootSecretFile: String) async throws -> Ed25519PublicKey {
        let root = try KeyFolder.makeRoot(inFile: rootSecretFile)
        guard try await AuditLog.begin(signedBy: root, origin: origin, in: database, folder: keyFolder) else {
            throw StartError(.audit, "the audit log has a root already, and a log has one root for good")
        }
        try publishRoot(root.publicKey)
        return root.publicKey
    }

    /// The name of a log that is begun now.
    ///
    /// - Parameter port: Where the server listens; 0 if nobody knows.
    /// - Throws: `audit` if it can't be told.
    package func origin(port: Int) throws(StartError) -> String {
        if let origin = configuration.audit.origin { return origin }
        guard configuration.explicitPublicURL != nil || port != 0 else {
            throw StartError(.audit, "the log needs a name; set audit.origin or public_url")
        }
        let address = ListenAddress(host: configuration.listen.host, port: port)
        let url = configuration.publicURL(listeningOn: address)
        return url.replacing("https://", with: "", maxReplacements: 1)
            .replacing("http://", with: "", maxReplacements: 1) + "/vaas/log"
    }

    /// Writes the root's public key where people look for it.
    ///
    /// - Throws: `audit` if another root's is there.
    private func publishRoot(_ root: Ed25519PublicKey) throws {
        let text =
            root.bytes.map { byte in
                String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
            }.joined() + "\n"
        _ = try DataFolder(creatingAt: configuration.path(inData: "audit"))
        do {
            try PrivateFile.createIfAbsent(path: rootFile, content: Array(text.utf8))
            guard try String(contentsOf: URL(filePath: rootFile), encoding: .utf8) == text else {
                throw StartError(.audit, "\(rootFile) holds another root than that of the log in the database")
            }
        } catch let error as DatabaseError {
            throw StartError(.audit, error.debugDescription)
        }
    }
}

extension Configuration {
    /// The same, with the port chosen where it is part of the name that a new log gets for good.
    func listeningOnKnownPort(for audit: AuditSetup) async throws(StartError) -> Configuration {
        guard listen.port == 0, explicitPublicURL == nil, self.audit.origin == nil, try await audit.isNew() else {
            return self
        }
        var configuration = self
        configuration.listen.port = try await FreePort.find(on: listen.host)
        return configuration
    }
}

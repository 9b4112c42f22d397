import Crypto
import Database

/// Encrypts stored answers with AES-256-GCM, so that the database shows nothing of them, and binds each to the request
/// that it answers, so that it can't be put in another's place.
struct AnswerCipher: Sendable {
    private let key: SymmetricKey

    init(masterKey: MasterKey) {
        key = masterKey.derivedKey(for: "idempotent answers")
    }

    /// - Returns: nil if the cipher fails, which it does for lack of memory only.
    func seal(_ answer: StoredAnswer, of ticket: IdempotencyTicket, runID: String) -> [UInt8]? {
        let context = Self.context(ticket, runID)
        // Nobody can do better than to do without the answer.
        let box = try? AES.GCM.seal(answer.encoded, using: key(of: ticket.id), authenticating: context)
        return box?.combined.map(Array.init)
    }

    /// - Parameter ticket: Of the request that is asked again, with the id of the attempt that was answered.
    /// - Returns: nil if it is not what was sealed for this request and run.
    func open(_ sealed: [UInt8], of ticket: IdempotencyTicket, runID: String) -> StoredAnswer? {
        let context = Self.context(ticket, runID)
        // Whatever is wrong with it, it is no answer.
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key(of: ticket.id), authenticating: context)
        else { return nil }
        return StoredAnswer(encoded: Array(bytes))
    }

    /// Each answer has a key of its own, so that no nonce can come twice under one key.
    private func key(of attempt: UUIDv7) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array(attempt.description.utf8), outputByteCount: MasterKey.byteCount)
    }

    /// All parts but the path have a fixed length, or come last.
    private static func context(_ ticket: IdempotencyTicket, _ runID: String) -> [UInt8] {
        let hashes = [ticket.keyHash, ticket.bodyHash].flatMap(\.bytes)
        return Array("\(ticket.userID)\n\(ticket.path)\n\(runID)\n".utf8) + hashes
    }
}

extension AnswerCipher: RedactedInPrint {}

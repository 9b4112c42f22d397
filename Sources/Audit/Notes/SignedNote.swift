package import Sodium

/// A text with signatures under it, as C2SP lays it down. Nothing in it counts until `verify` says who signed it.
///
/// https://c2sp.org/signed-note
package struct SignedNote: Equatable, Sendable {
    package struct Signature: Equatable, Sendable {
        package let name: String
        package let keyID: UInt32
        package let bytes: [UInt8]
    }

    /// How many signatures are looked at; the specification asks for 16 at least.
    package static let signatureCountMax = 100
    package static let byteCountMax = 1 << 20

    /// The signed text, up to and with its last newline.
    package let text: String
    package private(set) var signatures: [Signature]

    private static let dash = "\u{2014} "

    /// Reads a note.
    ///
    /// - Throws: `invalidNote`.
    package init(_ note: String) throws(AuditError) {
        let bytes = Array(note.utf8)
        guard bytes.count <= Self.byteCountMax, bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else {
            throw AuditError(.invalidNote, "the note is too large or has control characters")
        }
        // The last empty line ends the text.
        guard bytes.last == 0x0A,
            let end = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
        else { throw AuditError(.invalidNote, "the note has no signatures") }
        text = String(decoding: bytes[...end], as: UTF8.self)
        let lines = bytes[(end + 2)...].dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        guard (1...Self.signatureCountMax).contains(lines.count) else {
            throw AuditError(.invalidNote, "the note has no signatures or too many")
        }
        signatures = []
        for line in lines { signatures.append(try Self.signature(line)) }
    }

    /// Signs a text, which has to end with a newline.
    ///
    /// - Precondition: the text ends with a newline and has no other control characters; `key` is the signer's.
    package init(signing text: String, by signingKey: Ed25519SigningKey, as key: NoteKey) {
        precondition(
            text.utf8.last == 0x0A && text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }, "the text can be signed")
        precondition(key.publicKey == signingKey.publicKey, "the name belongs to the key that signs")
        self.text = text
        signatures = [
            Signature(name: key.name, keyID: key.id, bytes: signingKey.signature(for: Array(text.utf8)).bytes)
        ]
    }

    /// The note as it is served and saved.
    package var description: String {
        signatures.reduce(text + "\n") { note, signature in
            let id = (0..<4).map { UInt8(truncatingIfNeeded: signature.keyID >> (24 - 8 * UInt32($0))) }
            return note + "\(Self.dash)\(signature.name) \(Base64.encode(id + signature.bytes))\n"
        }
    }

    private static func signature(_ line: ArraySlice<UInt8>) throws(AuditError) -> Signature {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("\u{2014}".utf8),
            let name = String(validating: parts[1], as: UTF8.self), NoteKey.isValid(name: name),
            let bytes = Base64.decode(String(decoding: parts[2], as: UTF8.self)), bytes.count > 4
        else { throw AuditError(.invalidNote, "a line of the note is not a signature") }
        return Signature(
            name: name, keyID: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }, bytes: Array(bytes[4...]))
    }
}

extension SignedNote: CustomStringConvertible {}

extension SignedNote {
    /// Which of these keys have signed, in their own order.
    ///
    /// Signatures by other keys are ignored, even under a known name. One under a known name and id that doesn't verify
    /// spoils the note.
    ///
    /// - Throws: `invalidNote` if a known key's signature is wrong. Nobody having signed is no error.
    package func verify(by keys: [NoteKey]) throws(AuditError) -> [NoteKey] {
        let message = Array(text.utf8)
        var signers: [NoteKey] = []
        for key in keys where !signers.contains(key) {
            let own = signatures.filter { $0.keyID == key.id && $0.name.utf8.elementsEqual(key.name.utf8) }
            for signature in own {
                guard let bytes = Ed25519Signature(bytes: signature.bytes), key.publicKey.isValid(bytes, for: message)
                else { throw AuditError(.invalidNote, "the note has a signature by a known key that is wrong") }
            }
            if !own.isEmpty { signers.append(key) }
        }
        return signers
    }
}

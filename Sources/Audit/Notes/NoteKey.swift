package import Sodium

/// The public key by which a note's signature is verified, with the name under which it signs.
///
/// https://c2sp.org/signed-note
package struct NoteKey: Hashable, Sendable {
    static let ed25519Type: UInt8 = 0x01

    package let name: String
    package let publicKey: Ed25519PublicKey
    /// Tells the keys of one name apart. It is too short to tell anything else.
    package let id: UInt32

    /// - Returns: nil unless the name is one that notes allow.
    package init?(name: String, publicKey: Ed25519PublicKey) {
        guard Self.isValid(name: name) else { return nil }
        self.name = name
        self.publicKey = publicKey
        let digest = SHA256Digest(of: Array(name.utf8) + [0x0A, Self.ed25519Type] + publicKey.bytes)
        id = digest.bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The key's text form, `name+id+base64`.
    package var verifierKey: String {
        "\(name)+\(Hexadecimal.encode(idBytes))+\(Base64.encode([Self.ed25519Type] + publicKey.bytes))"
    }

    /// Reads the text form; nil if it is of another algorithm or its id is wrong.
    package init?(verifierKey text: String) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.first == Self.ed25519Type,
            let publicKey = Ed25519PublicKey(bytes: Array(bytes.dropFirst())),
            let key = NoteKey(name: parts[0], publicKey: publicKey), key.verifierKey.utf8.elementsEqual(text.utf8)
        else { return nil }
        self = key
    }

    var idBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * UInt32($0))) } }

    static func isValid(name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { $0 != "+" && $0.value >= 0x20 && !$0.properties.isWhitespace }
    }
}

package import Sodium

/// A public key as a decentralized identifier of the method `key`.
///
/// https://w3c-ccg.github.io/did-key-spec/
package enum DIDKey {
    private static let prefix = "did:key:"
    /// The multicodec of an Ed25519 public key.
    private static let codec: [UInt8] = [0xED, 0x01]

    package static func text(of key: Ed25519PublicKey) -> String {
        prefix + multibase(of: key)
    }

    /// The part after `did:key:`, which also names the key within its document.
    package static func multibase(of key: Ed25519PublicKey) -> String {
        "z" + Base58.encode(codec + key.bytes)
    }

    /// The key that a verification method names, written `did:key:z…#z…`; nil if it is anything else.
    static func key(ofVerificationMethod text: String) -> Ed25519PublicKey? {
        guard text.utf8.count < 256, text.utf8.starts(with: prefix.utf8),
            let multibase = text.dropFirst(prefix.count).split(separator: "#").first,
            let bytes = Base58.decode(String(multibase.dropFirst())), bytes.starts(with: codec),
            let key = Ed25519PublicKey(bytes: Array(bytes.dropFirst(codec.count))),
            text.utf8.elementsEqual("\(Self.text(of: key))#\(Self.multibase(of: key))".utf8)
        else { return nil }
        return key
    }
}

/// Bytes in the 58 characters that are hard to mistake for each other.
///
/// https://datatracker.ietf.org/doc/html/draft-msporny-base58-03
enum Base58 {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        let zeroCount = bytes.prefix { $0 == 0 }.count
        let digits = converted(bytes.dropFirst(zeroCount).map(Int.init), from: 256, to: 58)
        let text = [UInt8](repeating: alphabet[0], count: zeroCount) + digits.map { alphabet[$0] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil if a character is not one of the alphabet. The work grows with the square of the length: callers limit it.
    static func decode(_ text: String) -> [UInt8]? {
        var digits: [Int] = []
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            digits.append(digit)
        }
        let zeroCount = digits.prefix { $0 == 0 }.count
        return [UInt8](repeating: 0, count: zeroCount)
            + converted(Array(digits.dropFirst(zeroCount)), from: 58, to: 256).map(UInt8.init)
    }

    /// The digits of a number in another base, the largest first.
    private static func converted(_ digits: [Int], from base: Int, to newBase: Int) -> [Int] {
        var result: [Int] = []
        for digit in digits {
            var carry = digit
            for index in result.indices {
                carry += result[index] * base
                result[index] = carry % newBase
                carry /= newBase
            }
            while carry > 0 {
                result.append(carry % newBase)
                carry /= newBase
            }
        }
        return result.reversed()
    }
}

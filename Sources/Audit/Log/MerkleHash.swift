internal import Crypto

/// The hashes that a Merkle log is made of. https://www.rfc-editor.org/rfc/rfc6962#section-2.1
package enum MerkleHash {
    /// The root of a log without leaves.
    package static let emptyRoot = SHA256Digest(of: [])

    package static func leaf(_ entry: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.append(0x00)
        hash.append(entry.span)
        return SHA256Digest(hash.finalize())
    }

    package static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        var hash = SHA256()
        hash.append(0x01)
        left.withSpan { hash.append($0) }
        right.withSpan { hash.append($0) }
        return SHA256Digest(hash.finalize())
    }
}

extension SHA256 {
    fileprivate mutating func append(_ byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe update(bufferPointer: $0) }
    }
}

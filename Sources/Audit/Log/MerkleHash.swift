internal import Crypto

/// The hashes that a Merkle log is made of. https://www.rfc-editor.org/rfc/rfc6962#section-2.1
package enum MerkleHash {
    /// The root of a log without leaves.
    package static let emptyRoot = SHA256Digest(of: [])

    package static func leaf(_ entry: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.update(data: [0x00])
        hash.update(data: entry)
        return SHA256Digest(hash.finalize())
    }

    package static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        var hash = SHA256()
        hash.update(data: [0x01])
        hash.update(data: left.bytes)
        hash.update(data: right.bytes)
        return SHA256Digest(hash.finalize())
    }
}

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

    /// The root over the nodes of one level, of which there are a power of two.
    package static func root(ofPerfectTree nodes: ArraySlice<SHA256Digest>) -> SHA256Digest {
        precondition(nodes.count.nonzeroBitCount == 1, "a perfect tree has a power of two of nodes")
        var level = Array(nodes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { node(level[$0], level[$0 + 1]) }
        }
        return level[0]
    }
}

extension SHA256 {
    fileprivate mutating func append(_ byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe update(bufferPointer: $0) }
    }
}

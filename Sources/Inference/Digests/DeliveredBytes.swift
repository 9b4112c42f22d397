internal import Crypto

/// What has gone to a client of a body that is still being written: its length and its SHA-256.
package struct DeliveredBytes: Sendable {
    package private(set) var count = 0
    private var hash = SHA256()

    package init() {}

    /// SHA-256 of everything so far.
    package var digest: [UInt8] { Array(hash.finalize()) }

    package mutating func append(_ bytes: [UInt8]) {
        hash.update(data: bytes)
        count += bytes.count
    }
}

import Crypto

/// SHA-256 of what was sent and answered.
enum ContentHash {
    static let ofNothing = of([])

    static func of(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }
}

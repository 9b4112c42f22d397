internal import Crypto

/// A SHA-256 digest. https://csrc.nist.gov/pubs/fips/180-4/upd1/final
package struct SHA256Digest: Hashable, Sendable {
    package static let byteCount = 32

    /// The 32 bytes as they lie in memory: a log handles very many digests, so none of them has memory of its own.
    private struct Words: Hashable, Sendable, BitwiseCopyable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    private let words: Words

    /// Nil unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        words = unsafe bytes.span.withUnsafeBytes { unsafe $0.loadUnaligned(as: Words.self) }
    }

    /// Nil unless the text is exactly 64 lower-case hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    init(_ digest: SHA256.Digest) {
        words = unsafe digest.withUnsafeBytes { unsafe $0.loadUnaligned(as: Words.self) }
    }

    private init(words: Words) {
        self.words = words
    }

    /// 32 zero bytes: what stands where there is nothing to digest.
    static let zero = SHA256Digest(words: Words())

    /// The digest of some bytes.
    package init(of bytes: [UInt8]) {
        self.init(of: bytes.span)
    }

    /// The digest of text in UTF-8.
    package init(of text: String) {
        self.init(of: text.utf8.span)
    }

    /// The digest of some bytes.
    init(of bytes: Span<UInt8>) {
        var hash = SHA256()
        hash.append(bytes)
        self.init(hash.finalize())
    }

    /// Lends the 32 bytes.
    func withSpan<R>(_ body: (Span<UInt8>) -> R) -> R {
        unsafe withUnsafeBytes(of: words) { unsafe body(Span(_bytes: $0.bytes)) }
    }

    /// A copy of the 32 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the 32 bytes.
    func append(to bytes: inout [UInt8]) {
        withSpan { bytes.append(copying: $0) }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package var hexadecimal: String { withSpan { Hexadecimal.encode($0) } }
}

extension SHA256Digest: CustomStringConvertible {
    package var description: String { hexadecimal }
}

extension SHA256 {
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update(bufferPointer: $0) }
    }
}

extension [UInt8] {
    mutating func append(copying bytes: Span<UInt8>) {
        append(addingCapacity: bytes.count) { sink in
            for index in bytes.indices { sink.append(bytes[index]) }
        }
    }
}

internal import CZstd

/// Reads zstd frames of known size, many with one context (https://facebook.github.io/zstd/zstd_manual.html).
@safe
package struct ZstdDecompressor: ~Copyable {
    private let context: OpaquePointer

    package init() throws(CompressionError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw CompressionError(.outOfMemory) }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Decompresses one frame as `ZstdCompressor` makes it. Memory is `size` bytes and a context of fixed size: a frame
    /// that says another size is refused before anything is reserved.
    /// - Throws: `CompressionError`, with the code `corrupt` unless there are exactly `size` bytes inside, and with the
    ///   code `truncated` when the frame is cut.
    package mutating func decompress(_ bytes: RawSpan, size: Int) throws(CompressionError) -> [UInt8] {
        let declared = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        guard declared == UInt64(exactly: size) else { throw CompressionError(.corrupt) }
        var output: [UInt8] = []
        let written = try unsafe output.append(upTo: size) { room throws(CompressionError) in
            try unsafe bytes.withUnsafeBytes { source throws(CompressionError) in
                try unsafe checkZstd(
                    ZSTD_decompressDCtx(context, room.baseAddress, room.count, source.baseAddress, source.count),
                    otherwise: .corrupt)
            }
        }
        guard written == size else { throw CompressionError(.corrupt) }
        return output
    }
}

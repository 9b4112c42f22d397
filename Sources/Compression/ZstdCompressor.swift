internal import CZstd

/// Makes zstd frames, many with one context (https://facebook.github.io/zstd/zstd_manual.html).
///
/// Every frame says how many bytes it holds. The context grows with the level: about 1 MiB at level 1, 80 MiB at 19.
@safe
package struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer

    /// - Parameters:
    ///   - level: from -131072, the fastest, to 22, the smallest; values outside are taken as the nearest inside.
    ///   - checksum: adds four bytes of XXH64 of the content to every frame, so that decompressing notices any change.
    package init(level: Int32, checksum: Bool = false) throws(CompressionError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw CompressionError(.outOfMemory) }
        unsafe self.context = context
        for (parameter, value) in [(ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, checksum ? 1 : 0)] {
            let result = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
            precondition(ZSTD_isError(result) == 0, "a fresh context takes any level and a switch")
        }
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }

    /// One frame with `bytes` in it.
    package mutating func compress(_ bytes: RawSpan) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        try compress(bytes, appendingTo: &output)
        return output
    }

    /// Appends one frame with `bytes` in it, for a buffer that is used again.
    package mutating func compress(
        _ bytes: RawSpan, appendingTo output: inout [UInt8]
    ) throws(CompressionError) {
        let bound = try checkZstd(ZSTD_compressBound(bytes.byteCount), otherwise: .libraryFailure)
        _ = try unsafe output.append(upTo: bound) { room throws(CompressionError) in
            try unsafe bytes.withUnsafeBytes { source throws(CompressionError) in
                try unsafe checkZstd(
                    ZSTD_compress2(context, room.baseAddress, room.count, source.baseAddress, source.count),
                    otherwise: .libraryFailure)
            }
        }
    }
}

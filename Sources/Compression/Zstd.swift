internal import CZstd

/// Zstandard in one call each way (https://www.rfc-editor.org/rfc/rfc8878), with a context made for that call.
/// `ZstdCompressor` and `ZstdDecompressor` keep theirs for many.
package enum Zstd {
    package static func compress(_ bytes: RawSpan, level: Int32) throws(CompressionError) -> [UInt8] {
        var compressor = try ZstdCompressor(level: level)
        return try compressor.compress(bytes)
    }

    /// Decompresses one frame of which the exact size inside is known; any other size is `corrupt`.
    package static func decompress(_ bytes: RawSpan, size: Int) throws(CompressionError) -> [UInt8] {
        var decompressor = try ZstdDecompressor()
        return try decompressor.decompress(bytes, size: size)
    }
}

/// Returns a result of the library, or throws what it stands for: `otherCode` unless it is one of the few that we tell
/// apart.
func checkZstd(
    _ result: Int, otherwise otherCode: CompressionError.Code
) throws(CompressionError) -> Int {
    guard ZSTD_isError(result) != 0 else { return result }
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_frameParameter_windowTooLarge: throw CompressionError(.windowTooLarge)
    case ZSTD_error_memory_allocation: throw CompressionError(.outOfMemory)
    default: throw CompressionError(otherCode)
    }
}

import Compression

/// Inflates `bytes` in pieces of `pieceSize` bytes.
func inflate(
    _ bytes: [UInt8], _ coding: ContentCoding, outputLimit: Int = 1 << 20, pieceSize: Int = .max
) throws(CompressionError) -> [UInt8] {
    var decompressor = try Decompressor(coding, outputLimit: outputLimit)
    var output: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
        let end = offset + min(pieceSize, bytes.count - offset)
        try unsafe decompressor.append(bytes.span.bytes.extracting(offset..<end), to: &output)
        offset = end
    }
    try decompressor.finish()
    return output
}

/// The code that inflating fails with, or nil when it does not fail.
func refusal(
    of bytes: [UInt8], _ coding: ContentCoding, outputLimit: Int = 1 << 20, pieceSize: Int = .max
) -> CompressionError.Code? {
    do throws(CompressionError) {
        _ = try inflate(bytes, coding, outputLimit: outputLimit, pieceSize: pieceSize)
        return nil
    } catch {
        return error.code
    }
}

extension ZstdCompressor {
    mutating func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        try unsafe compress(bytes.span.bytes)
    }
}

extension ZstdDecompressor {
    mutating func decompress(_ bytes: [UInt8], size: Int) throws(CompressionError) -> [UInt8] {
        try unsafe decompress(bytes.span.bytes, size: size)
    }
}

extension Zstd {
    static func compress(_ bytes: [UInt8], level: Int32) throws(CompressionError) -> [UInt8] {
        try unsafe compress(bytes.span.bytes, level: level)
    }

    static func decompress(_ bytes: [UInt8], size: Int) throws(CompressionError) -> [UInt8] {
        try unsafe decompress(bytes.span.bytes, size: size)
    }
}

/// Inflates one body while it arrives, under a hard limit on what comes out.
///
/// The limit holds at every moment: the output never grows by more than `outputLimit` bytes and no room is reserved
/// past it, whatever the input claims. Besides the output it holds about 40 KiB for gzip and deflate, and for zstd the
/// window that the frame asks for. Checksums are verified wherever the format has them; zstd's is optional.
///
/// Bytes are appended to the output as they are found, before their checksum is seen: use them only after `finish`
/// returned. An error is final, and every later call throws it again.
package struct Decompressor: ~Copyable {
    private var stream: DecompressionStream
    private var budget: OutputBudget

    /// - Throws: `CompressionError` with the code `outOfMemory`.
    package init(_ coding: ContentCoding, outputLimit: Int) throws(CompressionError) {
        stream = try DecompressionStream(coding)
        budget = OutputBudget(limit: outputLimit)
    }

    /// Inflates the next piece of the body, of any size, and appends what it holds.
    package mutating func append(_ input: RawSpan, to output: inout [UInt8]) throws(CompressionError) {
        try stream.append(input, to: &output, within: &budget)
    }

    /// Says that the body has ended.
    /// - Throws: `CompressionError` with the code `truncated` when it should have gone on; nothing at all is no valid
    ///   body in any of the codings.
    package mutating func finish() throws(CompressionError) {
        try stream.finish()
    }
}

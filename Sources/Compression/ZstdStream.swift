internal import CZstd

/// Owner of one streaming zstd decompressor (https://facebook.github.io/zstd/zstd_manual.html), for frames in a row.
@safe
struct ZstdStream: ~Copyable {
    /// 8 MiB, the largest window of the content coding (https://www.rfc-editor.org/rfc/rfc9659#section-3).
    private static let windowLogMax: CInt = 23

    private let context: OpaquePointer
    private var magic = ZstdMagicNumber()
    private var isInFrame = false
    private var hasFrames = false

    init() throws(CompressionError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw CompressionError(.outOfMemory) }
        unsafe self.context = context
        let result = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
        precondition(ZSTD_isError(result) == 0, "a fresh context takes any window limit in range")
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Whether the input could end here.
    var isComplete: Bool { hasFrames && !isInFrame && magic.isEmpty }

    mutating func append(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) {
        var offset = 0
        while offset < input.byteCount {
            let rest = input.extracting(droppingFirst: offset)
            if isInFrame {
                offset += try decompressFrame(rest, to: &output, within: &budget)
            } else {
                offset += try beginFrame(rest, to: &output, within: &budget)
            }
        }
    }

    /// Collects the frame's first four bytes and gives them to the library on their own. That keeps it from its formats
    /// before RFC 8878, and from decompressing a frame that it was given whole without a look at its window size, which
    /// would make the answer depend on how the body was cut.
    private mutating func beginFrame(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) -> Int {
        try magic.append(unsafe input.unsafeLoad(as: UInt8.self))
        if magic.isWhole {
            let bytes = magic.bytes
            magic = ZstdMagicNumber()
            isInFrame = true
            _ = try decompressFrame(unsafe bytes.span.bytes, to: &output, within: &budget)
        }
        return 1
    }

    /// Decompresses until the frame ends or the input is used up, and returns how many bytes of it were used.
    private mutating func decompressFrame(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) -> Int {
        try unsafe input.withUnsafeBytes { buffer throws(CompressionError) in
            var source = unsafe ZSTD_inBuffer(src: buffer.baseAddress, size: buffer.count, pos: 0)
            var isRoomFull = false
            repeat {
                try unsafe budget.fill(&output) { room throws(CompressionError) in
                    var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                    let hint = try unsafe checkZstd(
                        ZSTD_decompressStream(context, &target, &source), otherwise: .corrupt)
                    let isEnd = hint == 0
                    isInFrame = !isEnd
                    hasFrames = hasFrames || isEnd
                    isRoomFull = unsafe target.pos == target.size
                    return unsafe target.pos
                }
            } while unsafe isInFrame && (source.pos < source.size || isRoomFull)
            return unsafe source.pos
        }
    }
}

import NIOCore

/// Tells whether the bytes that were read end where the answer in them ends. A value: what is read and what becomes of it
/// goes in.
///
/// A decoder keeps silent about the beginning of something that nobody asked for, and what follows an answer must not be
/// taken for the answer to the next call.
struct AnswerBounds {
    /// What was read last.
    private var bytes = ByteBuffer()
    /// The last four bytes of all that was read, the latest lowest.
    private var tail: UInt32 = 0
    private var hasHead = false
    private var isChunked = false
    /// How much of the body was in what was read last.
    private var bodyByteCount = 0

    private static let emptyLine: UInt32 = 0x0D0A_0D0A

    mutating func read(_ bytes: ByteBuffer) {
        for byte in bytes.readableBytesView.suffix(4) { tail = tail << 8 | UInt32(byte) }
        self.bytes = bytes
        hasHead = false
        bodyByteCount = 0
    }

    mutating func decodedHead(isChunked: Bool) {
        hasHead = true
        self.isChunked = isChunked
    }

    mutating func decodedBody(byteCount: Int) {
        bodyByteCount += byteCount
    }

    /// Lets go of what was read.
    mutating func forgetBytes() {
        bytes = ByteBuffer()
    }

    /// Whether nothing follows the answer that has just ended. In doubt something does.
    var isLast: Bool {
        // A chunked body ends with an empty line. Whatever else ends with one is a whole head, of which decoders tell.
        if isChunked { return tail == Self.emptyLine }
        guard hasHead else { return bodyByteCount == bytes.readableBytes }
        return headByteCount.map { $0 + bodyByteCount == bytes.readableBytes } ?? false
    }

    /// Up to the first empty line.
    private var headByteCount: Int? {
        var tail: UInt32 = 0
        for (index, byte) in bytes.readableBytesView.enumerated() {
            tail = tail << 8 | UInt32(byte)
            if tail == Self.emptyLine { return index + 1 }
        }
        return nil
    }
}

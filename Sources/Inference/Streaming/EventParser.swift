/// Cuts a byte stream into server-sent events, however the network has cut it.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
///
/// Lines end in LF, CR or CRLF, and a byte order mark may stand at the very beginning. The events that come out do not
/// depend on where one `append` ended and the next began. An event is given out as soon as its blank line is there; a
/// comment between two events as soon as its line is, because servers keep connections alive with it.
struct EventParser: Sendable {
    /// The bytes that the ranges of events speak of, until the next `append`.
    private(set) var buffer: [UInt8] = []

    private let eventBytesMax: Int
    private var isAtEnd = false
    private var isAtStart = true
    /// Where the block that is being read begins.
    private var blockStart = 0
    /// Where its current line begins.
    private var lineStart = 0
    /// Up to where this line has been searched for its end.
    private var searched = 0
    private var hasFields = false
    private var previousLineEndedInCR = false
    private var data: [Range<Int>] = []
    private var name: Range<Int>?

    /// - Parameter eventBytesMax: the most bytes of one event, its line ends included.
    init(eventBytesMax: Int = 1 << 20) {
        self.eventBytesMax = eventBytesMax
    }

    /// Takes the next bytes of the stream; those of events that were given out are gone.
    mutating func append(_ bytes: [UInt8]) {
        precondition(!isAtEnd, "the stream has ended")
        discardConsumedBytes()
        if buffer.isEmpty {
            buffer = bytes
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    /// Tells that no more bytes will come: what is left is the last block, whole or not.
    mutating func end() {
        isAtEnd = true
    }

    /// The next event; nil if more bytes are needed, or none is left.
    mutating func next() throws(InferenceError) -> ServerSentEvent? {
        while let line = nextLine() {
            let isComment = readLine(line)
            if line.isEmpty || isComment && !hasFields {
                return try takeBlock(upTo: lineStart, isComplete: true)
            }
        }
        guard isAtEnd, blockStart < buffer.count else {
            try checkSize(buffer.count - blockStart)
            return nil
        }
        _ = readLine(lineStart + byteOrderMarkLength..<buffer.count)
        lineStart = buffer.count
        return try takeBlock(upTo: buffer.count, isComplete: false)
    }
}

// MARK: - Lines

extension EventParser {
    /// Steps over the next line and gives it without its end; nil if that is not there yet.
    private mutating func nextLine() -> Range<Int>? {
        searched = buffer.withRawBytes { Self.lineEnd(in: $0, from: max(searched, lineStart)) }
        guard searched < buffer.count, let length = lineEndLength() else { return nil }
        let line = lineStart + byteOrderMarkLength..<searched
        previousLineEndedInCR = length == 1 && buffer[searched] == UInt8(ascii: "\r")
        isAtStart = false
        lineStart = searched + length
        return line
    }

    /// How long the line end is that has been found; nil if that is not known yet.
    ///
    /// A line feed may follow a CR that is the last byte for now. Where lines end in CR alone, though, waiting for it
    /// would hold every event back until the next one: there a line feed behind a blank line counts as another one.
    private func lineEndLength() -> Int? {
        guard buffer[searched] == UInt8(ascii: "\r") else { return 1 }
        if previousLineEndedInCR, searched == lineStart { return 1 }
        guard searched + 1 < buffer.count else { return isAtEnd ? 1 : nil }
        return buffer[searched + 1] == UInt8(ascii: "\n") ? 2 : 1
    }

    private var byteOrderMarkLength: Int { isAtStart && buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// The offset of the next LF or CR, or the end. Eight bytes at a time are searched for one below 14, the number
    /// after that of CR; a tab is the only other such byte that is common.
    private static func lineEnd(in bytes: RawSpan, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var offset = start
        while offset < bytes.byteCount {
            if offset + 8 <= bytes.byteCount {
                let word = bytes.littleEndianUInt64(at: offset)
                let low = (word &- ones &* 14) & ~word & (ones &* 0x80)
                guard low != 0 else {
                    offset += 8
                    continue
                }
                offset += low.trailingZeroBitCount / 8
            }
            let byte = bytes.byte(at: offset)
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return offset }
            offset += 1
        }
        return offset
    }
}

// MARK: - Blocks

extension EventParser {
    /// Notes what a line says, and tells whether it is a comment.
    /// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    private mutating func readLine(_ line: Range<Int>) -> Bool {
        guard !line.isEmpty else { return false }
        guard buffer[line.lowerBound] != UInt8(ascii: ":") else { return true }
        hasFields = true
        buffer.withRawBytes { bytes in
            if let value = Self.value(of: "data", in: line, of: bytes) {
                data.append(value)
            } else if let value = Self.value(of: "event", in: line, of: bytes) {
                name = value
            }
        }
        return false
    }

    /// What a line says if it is about `field`: the text behind the colon and one space, or nothing without a colon.
    private static func value(of field: StaticString, in line: Range<Int>, of bytes: RawSpan) -> Range<Int>? {
        let colon = line.lowerBound + field.utf8CodeUnitCount
        guard colon <= line.upperBound, bytes.hasPrefix(field, at: line.lowerBound) else { return nil }
        guard colon < line.upperBound else { return colon..<colon }
        guard bytes.byte(at: colon) == UInt8(ascii: ":") else { return nil }
        let hasSpace = colon + 1 < line.upperBound && bytes.byte(at: colon + 1) == UInt8(ascii: " ")
        return colon + (hasSpace ? 2 : 1)..<line.upperBound
    }

    private mutating func takeBlock(upTo end: Int, isComplete: Bool) throws(InferenceError) -> ServerSentEvent {
        try checkSize(end - blockStart)
        let event = ServerSentEvent(raw: blockStart..<end, data: data, name: name, isComplete: isComplete)
        blockStart = end
        hasFields = false
        data = []
        name = nil
        return event
    }

    private func checkSize(_ byteCount: Int) throws(InferenceError) {
        guard byteCount <= eventBytesMax else {
            throw .unreadable("an event is larger than \(eventBytesMax) bytes")
        }
    }

    private mutating func discardConsumedBytes() {
        guard blockStart > 0 else { return }
        let consumed = blockStart
        if consumed == buffer.count { buffer = [] } else { buffer.removeSubrange(0..<consumed) }
        blockStart = 0
        lineStart -= consumed
        searched = max(0, searched - consumed)
        data = data.map { $0.lowerBound - consumed..<$0.upperBound - consumed }
        name = name.map { $0.lowerBound - consumed..<$0.upperBound - consumed }
    }
}

/// One block of an event stream: an event with the blank line that ends it, a comment line between two events, or a
/// blank line of its own. It says where things lie in the parser's buffer.
struct ServerSentEvent: Equatable, Sendable {
    /// All of its bytes. Those of all blocks, one after the other, are the stream.
    let raw: Range<Int>
    /// The lines of its data; they are one text, joined by line feeds.
    let data: [Range<Int>]
    /// The value of its last `event` field.
    let name: Range<Int>?
    /// Whether a blank line ended it. Only the last block of a stream can be without.
    let isComplete: Bool
}

extension ServerSentEvent {
    /// The text of several lines of data.
    func joinedData(in bytes: RawSpan) -> [UInt8] {
        var text: [UInt8] = []
        for (index, line) in data.enumerated() {
            if index > 0 { text.append(UInt8(ascii: "\n")) }
            text.append(copying: bytes.extracting(line))
        }
        return text
    }

    /// Where an offset in the joined text lies in the buffer. A range of the text becomes one that takes in whatever
    /// stands between the lines, so that cutting it out leaves whole lines behind.
    func offset(ofJoined offset: Int) -> Int {
        var rest = offset
        for line in data {
            if rest <= line.count { return line.lowerBound + rest }
            rest -= line.count + 1
        }
        preconditionFailure("the offset is beyond the event's data")
    }
}

/// Changes to one body, made by splicing: whatever no edit names stays byte for byte.
///
/// Ranges and offsets are those of the original. No two edits overlap, except that neighbouring members may be removed
/// together.
struct BodyEdits: Sendable {
    private struct Edit: Sendable {
        let range: Range<Int>
        let replacement: [UInt8]
    }

    /// A member of an object, and where its value lies.
    struct Member: Sendable {
        let member: JSONMember
        let value: Range<Int>
    }

    private var edits: [Edit] = []

    mutating func replace(_ range: Range<Int>, with replacement: [UInt8]) {
        edits.append(Edit(range: range, replacement: replacement))
    }

    /// Removes members of one object, given in their order, with one comma each.
    mutating func remove(_ members: [Member], in bytes: RawSpan) {
        for (removedBefore, removed) in members.enumerated() {
            if let separator = removed.member.separator, removed.member.ordinal > removedBefore {
                replace(separator..<removed.value.upperBound, with: [])
            } else {
                // No member stays before this one, so the comma behind it goes.
                let end = Self.endOfSeparator(behind: removed.value.upperBound, in: bytes)
                replace(removed.member.start..<end, with: [])
            }
        }
    }

    /// Puts one member, written as `"key":value`, at the end of an object that a cursor has stepped out of. The object
    /// is empty, or one of its members stays.
    mutating func insert(_ member: [UInt8], into object: JSONContainer) {
        guard let close = object.close else { preconditionFailure("the object's end is not known") }
        replace(close..<close, with: object.count == 0 ? member : [UInt8(ascii: ",")] + member)
    }

    /// Appends what the bytes in `range` become.
    func apply(to range: Range<Int>, of bytes: RawSpan, appendingTo output: inout [UInt8]) {
        var copied = range.lowerBound
        for edit in sorted() {
            output.append(copying: bytes.extracting(copied..<edit.range.lowerBound))
            output.append(contentsOf: edit.replacement)
            copied = edit.range.upperBound
        }
        output.append(copying: bytes.extracting(copied..<range.upperBound))
    }

    /// The same edits to a text in which every offset has become another one.
    func moved(_ offset: (Int) -> Int) -> BodyEdits {
        var moved = BodyEdits()
        for edit in edits {
            moved.replace(offset(edit.range.lowerBound)..<offset(edit.range.upperBound), with: edit.replacement)
        }
        return moved
    }

    /// What the whole body becomes.
    func applied(to body: [UInt8]) -> [UInt8] {
        guard !edits.isEmpty else { return body }
        var output: [UInt8] = []
        output.reserveCapacity(body.count + edits.reduce(0) { $0 + $1.replacement.count })
        body.withRawBytes { bytes in apply(to: 0..<body.count, of: bytes, appendingTo: &output) }
        return output
    }

    /// Edits are found nearly in their order, and there are few.
    private func sorted() -> [Edit] {
        edits.count < 2 ? edits : edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private static func endOfSeparator(behind offset: Int, in bytes: RawSpan) -> Int {
        var cursor = JSONCursor(offset..<bytes.byteCount, by: .provider)
        cursor.skipWhitespace(in: bytes)
        return cursor.peek(in: bytes) == UInt8(ascii: ",") ? cursor.position + 1 : offset
    }
}

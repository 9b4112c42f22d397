internal import CSimdjson

/// One parsed JSON text, checked to its last byte: syntax, UTF-8, numbers and depth.
///
/// It owns simdjson's tape, an array of 64-bit words in document order
/// (https://github.com/simdjson/simdjson/blob/v3.0.1/doc/tape.md), and the unescaped strings beside it. Nothing is
/// copied out of them until it is asked for. A `Node` is a place on the tape and means something only to the document
/// that it came from; with another document's node the answers are wrong or the program stops, but no read ever leaves
/// the two arrays.
///
/// simdjson keeps members in their order, duplicates included, and reads `-0` as the integer 0.
@safe
package struct JSONDocument: ~Copyable {
    /// One value, or the key of a member.
    package struct Node: Hashable, Sendable {
        let index: Int
    }

    /// What a value is. Integers are `integer` when they fit `Int64`, else `unsigned`; a number with a fraction or an
    /// exponent is a `double`.
    package enum Kind: Equatable, Sendable {
        case object
        case array
        case string
        case integer(Int64)
        case unsigned(UInt64)
        case double(Double)
        case `true`
        case `false`
        case null
    }

    /// The most memory that a parsed text takes while it is read, in multiples of its size, rounded up.
    package static let memoryFactorMax = 16

    private let document: csimdjson_document
    private let tape: UnsafePointer<UInt64>
    private let tapeCount: Int
    private let strings: UnsafeRawPointer
    private let stringsCount: Int

    /// Parses one complete text.
    ///
    /// While it runs it holds up to 15 times the size of the text, afterwards up to 10 times.
    /// - Parameter depthMax: how many containers may lie inside each other. An empty innermost one is not counted.
    package init(parsing text: RawSpan, depthMax: Int) throws(JSONParsingError) {
        precondition(depthMax >= 0 && depthMax < Int32.max, "a depth limit is small and not negative")
        var document = unsafe csimdjson_document()
        let status = unsafe text.withUnsafeBytes { buffer in
            unsafe csimdjson_parse(
                buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count, depthMax, &document)
        }
        guard status == CSIMDJSON_SUCCESS, let tape = unsafe document.tape, let strings = unsafe document.strings else {
            throw JSONParsingError(status)
        }
        unsafe self.document = document
        unsafe self.tape = tape
        unsafe self.tapeCount = document.tape_count
        unsafe self.strings = UnsafeRawPointer(strings)
        unsafe self.stringsCount = document.strings_count
    }

    package init(parsing text: [UInt8], depthMax: Int) throws(JSONParsingError) {
        try unsafe self.init(parsing: text.span.bytes, depthMax: depthMax)
    }

    deinit {
        unsafe csimdjson_free(document)
    }

    /// The outermost value. Word 0 of the tape belongs to the document itself.
    package var root: Node { Node(index: 1) }

    package func kind(of node: Node) -> Kind {
        switch tag(at: node.index) {
        case Tag.object: .object
        case Tag.array: .array
        case Tag.string: .string
        case Tag.integer: .integer(Int64(bitPattern: word(at: node.index + 1)))
        case Tag.unsigned: .unsigned(word(at: node.index + 1))
        case Tag.double: .double(Double(bitPattern: word(at: node.index + 1)))
        case Tag.true: .true
        case Tag.false: .false
        case Tag.null: .null
        default: preconditionFailure("the node is of another document")
        }
    }
}

// MARK: - Tape

extension JSONDocument {
    /// The upper eight bits of a word that begins a value. They stay plain bytes, because every step over the tape
    /// looks at one.
    enum Tag {
        static let object = UInt8(ascii: "{")
        static let array = UInt8(ascii: "[")
        static let string = UInt8(ascii: "\"")
        static let integer = UInt8(ascii: "l")
        static let unsigned = UInt8(ascii: "u")
        static let double = UInt8(ascii: "d")
        static let `true` = UInt8(ascii: "t")
        static let `false` = UInt8(ascii: "f")
        static let null = UInt8(ascii: "n")
    }

    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < tapeCount, "the node is of another document")
        return unsafe tape[index]
    }

    func tag(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: word(at: index) >> 56)
    }

    /// Where the value after this one begins, in constant time: a container's word says where it ends.
    func index(after index: Int) -> Int {
        switch tag(at: index) {
        case Tag.object, Tag.array: indexAfterContainer(at: index)
        case Tag.integer, Tag.unsigned, Tag.double: index + 2
        default: index + 1
        }
    }

    /// The lower 32 bits of an opening bracket's word point behind its closing bracket.
    func indexAfterContainer(at index: Int) -> Int {
        let end = Int(UInt32(truncatingIfNeeded: word(at: index)))
        precondition(end > index, "the node is of another document")
        return end
    }

    /// A string's bytes: its word points at a 32-bit length, and the bytes follow that.
    func stringBytes(at index: Int) -> UnsafeRawBufferPointer {
        let word = word(at: index)
        precondition(word >> 56 == UInt64(Tag.string), "the node is not a string")
        let start = Int(word & 0x00FF_FFFF_FFFF_FFFF) + MemoryLayout<UInt32>.size
        let available = stringsCount - start
        precondition(available >= 0, "the node is of another document")
        let count = unsafe Int(
            strings.loadUnaligned(fromByteOffset: start - MemoryLayout<UInt32>.size, as: UInt32.self))
        precondition(count <= available, "the node is of another document")
        return unsafe UnsafeRawBufferPointer(start: strings + start, count: count)
    }
}

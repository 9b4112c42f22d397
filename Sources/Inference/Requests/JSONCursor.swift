/// A reading position within one JSON text, which it checks while it moves.
///
/// Bodies are edited by splicing, so what a reader needs is where the values lie. The cursor walks the bytes once,
/// copies nothing, and never reads at or beyond `end`. Whoever has walked a text to `finish` knows that the whole of
/// it is JSON (https://www.rfc-editor.org/rfc/rfc8259) with at most `depthMax` containers inside each other.
///
/// The bytes are passed to each call, so the cursor itself is a plain value.
struct JSONCursor {
    /// Who wrote the text: it decides whose fault a mistake is, and how much is checked.
    enum Author {
        /// Everything is checked, and a mistake is an invalid request.
        case client
        /// A mistake is an upstream error. Within strings neither UTF-8 nor surrogate pairs are checked: some servers
        /// cut characters in two between two events of a stream, and what they sent is passed on as it is.
        case provider
    }

    /// The number of containers that may lie inside each other.
    static let depthMax = 128

    var position: Int
    let end: Int
    let author: Author
    /// The number of containers that have been stepped into.
    private var depth = 0

    init(_ text: Range<Int>, by author: Author) {
        position = text.lowerBound
        end = text.upperBound
        self.author = author
    }

    /// Checks that nothing but whitespace is left.
    mutating func finish(in bytes: RawSpan) throws(InferenceError) {
        skipWhitespace(in: bytes)
        guard position == end else { throw malformed("there is content after the value") }
    }

    /// The byte at this position; 0, which is nowhere allowed, at the end.
    @inline(__always)
    func peek(in bytes: RawSpan) -> UInt8 {
        position < end ? bytes.byte(at: position) : 0
    }

    @inline(__always)
    mutating func skipWhitespace(in bytes: RawSpan) {
        while true {
            switch peek(in: bytes) {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    func malformed(_ reason: String) -> InferenceError {
        let place = position < end ? "\(reason), at byte \(position)" : "it ends too early"
        return switch author {
        case .client: InferenceError(.invalidRequest, "the body is not a valid JSON object: \(place)")
        case .provider: .unreadable(place)
        }
    }
}

// MARK: - Stepping into containers

extension JSONCursor {
    /// Steps into the object that comes next.
    mutating func beginObject(in bytes: RawSpan) throws(InferenceError) -> JSONContainer {
        try open(UInt8(ascii: "{"), "an object is expected", in: bytes)
    }

    /// Steps to the next member's value, which must be stepped over before the next call; out of the object if there is
    /// no other member.
    mutating func nextMember(of object: inout JSONContainer, in bytes: RawSpan) throws(InferenceError) -> JSONMember? {
        guard try advance(in: &object, closedBy: UInt8(ascii: "}"), bytes) else { return nil }
        let start = position
        let keyHasEscapes = try skipString(in: bytes)
        let key = start + 1..<position - 1
        try skipColon(in: bytes)
        return JSONMember(
            ordinal: object.count - 1, separator: object.separator, start: start, key: key, keyHasEscapes: keyHasEscapes
        )
    }

    /// Steps into the array that comes next.
    mutating func beginArray(in bytes: RawSpan) throws(InferenceError) -> JSONContainer {
        try open(UInt8(ascii: "["), "an array is expected", in: bytes)
    }

    /// Steps to the next element, which must be stepped over before the next call; out of the array, and false, if
    /// there is no other element.
    mutating func nextElement(of array: inout JSONContainer, in bytes: RawSpan) throws(InferenceError) -> Bool {
        try advance(in: &array, closedBy: UInt8(ascii: "]"), bytes)
    }

    private mutating func open(
        _ bracket: UInt8, _ expectation: String, in bytes: RawSpan
    ) throws(InferenceError) -> JSONContainer {
        skipWhitespace(in: bytes)
        guard peek(in: bytes) == bracket else { throw malformed(expectation) }
        guard depth < Self.depthMax else { throw malformed("containers lie too deep inside each other") }
        depth += 1
        position += 1
        return JSONContainer(start: position - 1)
    }

    private mutating func advance(
        in container: inout JSONContainer, closedBy bracket: UInt8, _ bytes: RawSpan
    ) throws(InferenceError) -> Bool {
        skipWhitespace(in: bytes)
        let byte = peek(in: bytes)
        if byte == bracket {
            container.close = position
            depth -= 1
            position += 1
            return false
        }
        if container.count > 0 {
            guard byte == UInt8(ascii: ",") else { throw malformed("a comma is expected") }
            container.separator = position
            position += 1
            skipWhitespace(in: bytes)
        }
        container.count += 1
        return true
    }
}

// MARK: - Stepping over values

extension JSONCursor {
    /// What kind of value comes next, as its first byte has it.
    mutating func nextKind(in bytes: RawSpan) -> JSONValue.Kind {
        skipWhitespace(in: bytes)
        return switch peek(in: bytes) {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"): .true
        case UInt8(ascii: "f"): .false
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// Steps over one value, whatever it holds.
    mutating func skipValue(in bytes: RawSpan) throws(InferenceError) -> JSONValue {
        let kind = nextKind(in: bytes)
        let start = position
        switch kind {
        case .object, .array: try skipContainer(in: bytes)
        default: try skipScalar(kind, in: bytes)
        }
        return JSONValue(kind: kind, range: start..<position)
    }

    /// Steps over everything inside a container without recursion: the open containers are bits, 1 for an object.
    private mutating func skipContainer(in bytes: RawSpan) throws(InferenceError) {
        var objects: UInt128 = 0
        let outerDepth = depth
        repeat {
            let kind = nextKind(in: bytes)
            if kind == .object || kind == .array {
                guard depth < Self.depthMax else { throw malformed("containers lie too deep inside each other") }
                depth += 1
                objects = objects << 1 | (kind == .object ? 1 : 0)
                position += 1
                skipWhitespace(in: bytes)
                if peek(in: bytes) != (kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if kind == .object { try skipKey(in: bytes) }
                    continue
                }
                objects >>= 1
                depth -= 1
                position += 1
            } else {
                try skipScalar(kind, in: bytes)
            }
            try closeContainers(&objects, downTo: outerDepth, in: bytes)
        } while depth > outerDepth
    }

    /// Behind a value: closes what closes here, and steps to the next value of the container that is still open.
    @inline(__always)
    private mutating func closeContainers(
        _ objects: inout UInt128, downTo outerDepth: Int, in bytes: RawSpan
    ) throws(InferenceError) {
        while depth > outerDepth {
            let isObject = objects & 1 == 1
            skipWhitespace(in: bytes)
            let byte = peek(in: bytes)
            if byte == UInt8(ascii: ",") {
                position += 1
                skipWhitespace(in: bytes)
                if isObject { try skipKey(in: bytes) }
                return
            }
            guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw malformed("a comma or a closing bracket is expected")
            }
            objects >>= 1
            depth -= 1
            position += 1
        }
    }

    private mutating func skipKey(in bytes: RawSpan) throws(InferenceError) {
        try skipString(in: bytes)
        try skipColon(in: bytes)
    }

    private mutating func skipColon(in bytes: RawSpan) throws(InferenceError) {
        skipWhitespace(in: bytes)
        guard peek(in: bytes) == UInt8(ascii: ":") else { throw malformed("a colon is expected") }
        position += 1
    }
}

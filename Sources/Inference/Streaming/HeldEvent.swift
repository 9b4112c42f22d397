internal import OTLP

/// An event that waits, together with the edits that will be made to it.
struct HeldEvent: Sendable {
    /// The event's bytes, not yet edited.
    private let bytes: [UInt8]
    private let edits: BodyEdits
    /// The JSON object that is its data.
    private let object: JSONContainer
    /// What the client will have got with this event.
    let output: OutputDigest

    /// - Parameter edits: edits at offsets in `source`, which `object` speaks of too.
    init(_ event: ServerSentEvent, of source: RawSpan, edits: BodyEdits, object: JSONContainer, output: OutputDigest) {
        self.output = output
        var bytes: [UInt8] = []
        event.append(of: source, to: &bytes)
        self.bytes = bytes
        let start = event.raw.lowerBound
        self.edits = edits.moved { $0 - start }
        var object = object
        object.close = object.close.map { $0 - start }
        self.object = object
    }

    /// - Parameter batchin: the JSON of a `batchin` member to put into the object.
    func append(to output: inout [UInt8], with batchin: [UInt8]? = nil) {
        var edits = edits
        if let batchin { edits.insert(Array(#""batchin":"#.utf8) + batchin, into: object) }
        output.append(contentsOf: edits.applied(to: bytes))
    }
}

extension ServerSentEvent {
    /// Appends the event as it came; one that lacks its blank line gets it, since more follows.
    func append(of bytes: RawSpan, with edits: BodyEdits = BodyEdits(), to output: inout [UInt8]) {
        edits.apply(to: raw, of: bytes, appendingTo: &output)
        guard !isComplete else { return }
        let endsLine = raw.last.map { [0x0A, 0x0D].contains(bytes.byte(at: $0)) } ?? true
        output.append(copying: endsLine ? "\n" : "\n\n")
    }
}

/// What all chunks of a stream have in common, from the first one that says it.
struct ChunkIdentity: Sendable {
    private var id: [UInt8]?
    private var object: [UInt8]?
    private var created: [UInt8]?

    /// Longer values are left out.
    private static let valueBytesMax = 256

    mutating func note(_ identity: CompletionObject.Identity, of bytes: RawSpan) {
        Self.note(identity.id, in: &id, of: bytes)
        Self.note(identity.object, in: &object, of: bytes)
        Self.note(identity.created, in: &created, of: bytes)
    }

    /// Appends a chunk that reports usage and nothing else, as a provider would have made it.
    func appendUsageChunk(_ usage: TokenUsage, model: [UInt8], batchin: [UInt8]?, to output: inout [UInt8]) {
        let members: [(StaticString, [UInt8]?)] = [
            ("id", id), ("object", object), ("created", created), ("model", model), ("choices", Array("[]".utf8)),
            ("usage", usage.json), ("batchin", batchin),
        ]
        output.append(copying: "data: ")
        var separator: StaticString = "{\""
        for (name, value) in members {
            guard let value else { continue }
            output.append(copying: separator)
            output.append(copying: name)
            output.append(copying: "\":")
            output.append(contentsOf: value)
            separator = ",\""
        }
        output.append(copying: "}\n\n")
    }

    private static func note(_ range: Range<Int>?, in value: inout [UInt8]?, of bytes: RawSpan) {
        guard value == nil, let range, range.count <= valueBytesMax else { return }
        value = bytes.copy(of: range)
    }
}

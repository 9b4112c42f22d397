import OTLP

/// An answer of the echo provider in one of OpenAI's shapes, whole or as the events of a stream.
///
/// Each choice says one text. A stream says a word of each choice in turn.
protocol EchoAnswer: Sendable {
    var isStream: Bool { get }
    var includesUsage: Bool { get }
    var choices: [EchoText] { get }
    var promptTokens: Int { get }
    var stamp: EchoStamp { get }
    static var object: StaticString { get }
    static var chunkObject: StaticString { get }

    /// Writes what a choice of a whole answer says.
    func writeContent(of choice: EchoText, to writer: inout JSONWriter)
    /// Writes a word of a stream; nil before the first and after the last one.
    func writeWord(_ word: ArraySlice<UInt8>?, isFirst: Bool, to writer: inout JSONWriter)
}

extension EchoAnswer {
    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        stamp.write(Self.object, to: &writer)
        writer.key("choices")
        writer.beginArray()
        for (index, choice) in choices.enumerated() {
            writeChoice(index, finish: choice.finishReason, to: &writer) { writeContent(of: choice, to: &$0) }
        }
        writer.endArray()
        writer.key("usage")
        writeUsage(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    func writeChoice(
        _ index: Int, finish: StaticString?, to writer: inout JSONWriter, content: (inout JSONWriter) -> Void
    ) {
        writer.beginObject()
        writer.key("index")
        writer.integer(index)
        content(&writer)
        writer.key("logprobs")
        writer.null()
        writer.key("finish_reason")
        if let finish { writer.string(finish.description) } else { writer.null() }
        writer.endObject()
    }

    func writeUsage(to writer: inout JSONWriter) {
        let completionTokens = choices.reduce(0) { $0 + $1.words.count }
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.integer(promptTokens)
        writer.key("completion_tokens")
        writer.integer(completionTokens)
        writer.key("total_tokens")
        writer.integer(promptTokens + completionTokens)
        writer.endObject()
    }
}

extension EchoText {
    var finishReason: StaticString { isCut ? "length" : "stop" }
}

/// What all parts of one answer have in common.
struct EchoStamp: Sendable {
    private let id: String
    private let created: Int64

    private static let hashedByteCountMax = 65_536

    /// The id is made of the request, with FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/
    init(_ request: UpstreamRequest, created: Int64) {
        let hash = EchoStamp.hash(request.body.prefix(Self.hashedByteCountMax))
        let start = request.endpoint == .chatCompletions ? "chatcmpl-echo" : "cmpl-echo"
        id = start + String(hash, radix: 36)
        self.created = created
    }

    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    func write(_ object: StaticString, to writer: inout JSONWriter) {
        writer.key("id")
        writer.string(id)
        writer.key("object")
        writer.string(object.description)
        writer.key("created")
        writer.integer(created)
        writer.key("model")
        writer.string("echo")
        writer.key("provider")
        writer.string("echo")
    }
}

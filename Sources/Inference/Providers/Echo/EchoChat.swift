import JSONParsing
import OTLP

/// A chat completion that says what the user said last. Of a message in parts it says the texts.
struct EchoChat: EchoAnswer {
    static let object: StaticString = "chat.completion"
    static let chunkObject: StaticString = "chat.completion.chunk"

    let isStream: Bool
    let includesUsage: Bool
    let choices: [EchoText]
    let promptTokens: Int
    let stamp: EchoStamp

    init(_ fields: EchoFields, of document: borrowing JSONDocument, _ stamp: EchoStamp) throws(EchoRefusal) {
        self.stamp = stamp
        isStream = try fields.isTrue("stream", in: document)
        includesUsage =
            try fields.object("stream_options", in: document)?.isTrue("include_usage", in: document) ?? false
        let choiceCount = try fields.integer("n", 1...128, in: document) ?? 1
        let wordCountMaxOfOld = try fields.integer("max_tokens", 1...Int64.max, in: document)
        let wordCountMax = try fields.integer("max_completion_tokens", 1...Int64.max, in: document) ?? wordCountMaxOfOld

        guard let messages = fields.value("messages", in: document), document.kind(of: messages) == .array else {
            throw EchoRefusal("messages must be a list", "messages")
        }
        var elements = document.elements(of: messages)
        var promptTokens = 0
        var last: [UInt8]?
        var lastOfUser: [UInt8]?
        while let message = elements.next(in: document) {
            let message = try EchoFields(message, of: document)
            let text = Self.content(of: message, in: document)
            promptTokens += EchoText.wordCount(text)
            last = text
            let role = message.value("role", in: document)
            if let role, document.string(of: role, equals: "user") { lastOfUser = text }
        }
        guard let said = lastOfUser ?? last else { throw EchoRefusal("messages is empty", "messages") }
        self.promptTokens = promptTokens
        choices = Array(repeating: EchoText(said, wordCountMax: wordCountMax), count: choiceCount)
    }

    private static func content(of message: EchoFields, in document: borrowing JSONDocument) -> [UInt8] {
        guard let content = message.value("content", in: document) else { return [] }
        if let text = EchoFields.text(content, in: document) { return text }
        guard document.kind(of: content) == .array else { return [] }
        var parts = document.elements(of: content)
        var text: [UInt8] = []
        while let part = parts.next(in: document) {
            // What is no object is no text either, and another provider may make sense of it.
            let value = (try? EchoFields(part, of: document))?.value("text", in: document)
            text += value.flatMap { EchoFields.text($0, in: document) } ?? []
        }
        return text
    }

    func writeContent(of choice: EchoText, to writer: inout JSONWriter) {
        writer.key("message")
        writer.beginObject()
        writer.key("role")
        writer.string("assistant")
        writer.key("content")
        writer.string(choice.said)
        writer.key("refusal")
        writer.null()
        writer.endObject()
    }

    func writeWord(_ word: ArraySlice<UInt8>?, isFirst: Bool, to writer: inout JSONWriter) {
        writer.key("delta")
        writer.beginObject()
        if isFirst {
            writer.key("role")
            writer.string("assistant")
            writer.key("content")
            writer.string("")
        } else if let word {
            writer.key("content")
            writer.string(String(decoding: word, as: UTF8.self))
        }
        writer.endObject()
    }
}

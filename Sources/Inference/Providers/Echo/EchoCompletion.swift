import JSONParsing
import OTLP

/// A completion that says its prompt, and behind it the suffix. Several prompts make several choices.
struct EchoCompletion: EchoAnswer {
    static let object: StaticString = "text_completion"
    static let chunkObject: StaticString = "text_completion"

    let isStream: Bool
    let includesUsage: Bool
    let choices: [EchoText]
    let promptTokens: Int
    let stamp: EchoStamp

    private static let choiceCountMax = 128

    init(_ fields: EchoFields, of document: borrowing JSONDocument, _ stamp: EchoStamp) throws(EchoRefusal) {
        self.stamp = stamp
        isStream = try fields.isTrue("stream", in: document)
        includesUsage =
            try fields.object("stream_options", in: document)?.isTrue("include_usage", in: document) ?? false
        let count = try fields.integer("n", 1...128, in: document) ?? 1
        let wordCountMax = try fields.integer("max_tokens", 1...Int64.max, in: document)
        let prompts = try fields.texts("prompt", in: document)
        guard prompts.count * count <= Self.choiceCountMax else {
            throw EchoRefusal("more than \(Self.choiceCountMax) choices are asked for", "prompt")
        }
        let suffix = fields.value("suffix", in: document).flatMap { EchoFields.text($0, in: document) } ?? []
        promptTokens = prompts.reduce(0) { $0 + EchoText.wordCount($1) } + EchoText.wordCount(suffix)
        choices = prompts.flatMap { prompt in
            repeatElement(EchoText(prompt + suffix, wordCountMax: wordCountMax), count: count)
        }
    }

    func writeContent(of choice: EchoText, to writer: inout JSONWriter) {
        writer.key("text")
        writer.string(choice.said)
    }

    func writeWord(_ word: ArraySlice<UInt8>?, isFirst: Bool, to writer: inout JSONWriter) {
        writer.key("text")
        writer.string(String(decoding: word ?? [], as: UTF8.self))
    }
}

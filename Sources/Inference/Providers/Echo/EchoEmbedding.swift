import JSONParsing
import OTLP

/// Embeddings that mean nothing but are as good as real ones to everything around them: a text always has the same
/// vector, of length 1, and other texts have others.
struct EchoEmbedding {
    private let texts: [[UInt8]]
    private let dimensions: Int
    private let isBase64: Bool

    private static let textCountMax = 2_048
    private static let dimensionCountMax: Int64 = 4_096
    /// Over all texts.
    private static let valueCountMax = 1_048_576

    init(_ fields: EchoFields, of document: borrowing JSONDocument) throws(EchoRefusal) {
        texts = try fields.texts("input", in: document)
        dimensions = try fields.integer("dimensions", 1...Self.dimensionCountMax, in: document) ?? 256
        guard texts.count <= Self.textCountMax, texts.count * dimensions <= Self.valueCountMax else {
            throw EchoRefusal("too many embeddings are asked for at once", "input")
        }
        switch fields.value("encoding_format", in: document) {
        case nil: isBase64 = false
        case let format? where document.string(of: format, equals: "float"): isBase64 = false
        case let format? where document.string(of: format, equals: "base64"): isBase64 = true
        default: throw EchoRefusal("encoding_format must be float or base64", "encoding_format")
        }
    }

    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("object")
        writer.string("list")
        writer.key("data")
        writer.beginArray()
        for (index, text) in texts.enumerated() {
            writer.beginObject()
            writer.key("object")
            writer.string("embedding")
            writer.key("index")
            writer.integer(index)
            writer.key("embedding")
            write(Self.vector(of: text, dimensions: dimensions), to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("model")
        writer.string("echo-embed")
        writer.key("provider")
        writer.string("echo")
        writeUsage(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func writeUsage(to writer: inout JSONWriter) {
        let tokens = texts.reduce(0) { $0 + EchoText.wordCount($1) }
        writer.key("usage")
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.integer(tokens)
        writer.key("total_tokens")
        writer.integer(tokens)
        writer.endObject()
    }

    /// Both forms hold the same numbers exactly: base64 is that of 32-bit floats, the lowest byte first.
    private func write(_ vector: [Float], to writer: inout JSONWriter) {
        if isBase64 {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(vector.count * 4)
            for value in vector {
                for shift in stride(from: UInt32(0), to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
                }
            }
            unsafe writer.base64(bytes.span.bytes)
        } else {
            writer.beginArray()
            for value in vector { writer.double(Double(value)) }
            writer.endArray()
        }
    }

    /// Numbers that SplitMix64 draws for the text, all multiplied so that the vector's length is 1.
    private static func vector(of text: [UInt8], dimensions: Int) -> [Float] {
        var state = EchoStamp.hash(text)
        let values = (0..<dimensions).map { _ -> Double in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            mixed ^= mixed >> 31
            // The upper 53 bits and a half make a number between -1 and 1 that is never 0.
            return (Double(mixed >> 11) + 0.5) / Double(1 << 52) - 1
        }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }
}

import OTLP

/// A span with some attributes, as its bytes.
struct GenAISpan {
    let bytes: [UInt8]

    init(_ attributes: [(String, GenAISpan.Value)]) {
        bytes = message { span in
            span.ids()
            span.string(5, "a span")
            for (key, value) in attributes {
                span.attribute(key) { $0.write(value) }
            }
        }
    }

    init(_ attributes: KeyValuePairs<String, GenAISpan.Value>) {
        self.init(attributes.map { ($0.key, $0.value) })
    }

    var view: GenAISpanView? {
        bytes.withBytes { GenAISpanView(span: $0) }
    }

    indirect enum Value {
        case string(String)
        case int(Int64)
        case double(Double)
        case bool(Bool)
        case bytes([UInt8])
        case array([Value])
        case none
    }
}

extension GenAISpan.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .int(value) }
    init(floatLiteral value: Double) { self = .double(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: Self...) { self = .array(elements) }
}

extension WireWriter {
    /// The content of an `AnyValue`.
    fileprivate mutating func write(_ value: GenAISpan.Value) {
        switch value {
        case .string(let text): string(1, text)
        case .bool(let bool): varint(2, bool ? 1 : 0)
        case .int(let integer): varint(3, UInt64(bitPattern: integer))
        case .double(let number): double(4, number)
        case .array(let elements):
            message(5) { array in
                for element in elements {
                    array.message(1) { $0.write(element) }
                }
            }
        case .bytes(let content): self.content(7, content)
        case .none: break
        }
    }
}

/// Gathers from the attributes of one span what the mapping knows.
struct GenAIReading {
    private var found: [Found?] = []
    /// Finish reasons that have an attribute each, by the number of their choice.
    private var choiceReasons: [Int: String] = [:]
    private var hasTraceloopAttribute = false
    private var hasTextCompletionAttribute = false

    private static let textLengthMax = 256
    private static let finishReasonCountMax = 128

    private struct Found {
        /// The line of the mapping.
        let rank: Int
        let value: Value
    }

    private enum Value {
        case text(String)
        case count(Int64)
        case reasons([String])
    }

    mutating func readAttributes(of span: RawSpan) throws(WireFault) {
        var cursor = WireCursor(0..<span.byteCount)
        while let field = try cursor.nextField(in: span) {
            guard SpanField(rawValue: field.number) == .attributes else {
                try cursor.skip(field, in: span)
                continue
            }
            let attribute = try KeyValueContent(try cursor.readContent(field, in: span), in: span)
            guard let value = attribute.value, Self.mayBeKnown(attribute.key, in: span) else { continue }
            try read(attribute.key, value, in: span)
        }
    }

    /// Whether the mapping may have a name with this beginning; most attributes of most spans have not.
    private static func mayBeKnown(_ key: Range<Int>, in span: RawSpan) -> Bool {
        guard key.count >= 8 else { return false }
        switch span.byte(at: key.lowerBound) {
        case UInt8(ascii: "g"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "t"), UInt8(ascii: "e"),
            UInt8(ascii: "r"):
            return true
        default: return false
        }
    }

    private mutating func read(_ key: Range<Int>, _ value: MessagePieces, in span: RawSpan) throws(WireFault) {
        let attributes = GenAIMapping.attributes
        for rank in attributes.indices where span.holds(attributes[rank].name, in: key) {
            try read(attributes[rank], rank: rank, value, in: span)
        }
        if span.has(GenAIMapping.traceloopPrefix, beginning: key) {
            hasTraceloopAttribute = true
        } else if GenAIMapping.textCompletionPrefixes.contains(where: { span.has($0, beginning: key) }) {
            hasTextCompletionAttribute = true
        } else if let choice = Self.choice(in: key, of: span), choiceReasons.count < Self.finishReasonCountMax {
            choiceReasons[choice] = Self.text(try AnyValueContent(value, in: span), in: span)
        }
    }

    private mutating func read(
        _ attribute: GenAIAttribute, rank: Int, _ value: MessagePieces, in span: RawSpan
    ) throws(WireFault) {
        if found.isEmpty { found = Array(repeating: nil, count: GenAIField.allCases.count) }
        if let earlier = found[attribute.field.rawValue], earlier.rank <= rank { return }
        let content = try AnyValueContent(value, in: span)
        guard let value = try Self.value(of: attribute, content, in: span) else { return }
        found[attribute.field.rawValue] = Found(rank: rank, value: value)
    }

    /// The number in `gen_ai.completion.<number>.finish_reason`, of up to four digits.
    private static func choice(in key: Range<Int>, of span: RawSpan) -> Int? {
        let start = key.lowerBound + GenAIMapping.choicePrefix.utf8CodeUnitCount
        let end = key.upperBound - GenAIMapping.choiceSuffix.utf8CodeUnitCount
        guard 1...4 ~= end - start, span.has(GenAIMapping.choicePrefix, beginning: key),
            span.holds(GenAIMapping.choiceSuffix, in: end..<key.upperBound)
        else { return nil }
        var number = 0
        for offset in start..<end {
            let byte = span.byte(at: offset)
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}

// MARK: What was gathered

extension GenAIReading {
    /// Nil if no operation, no model and no tokens were told.
    var dialect: GenAIDialect? {
        let telling: [GenAIField] = [.operation, .requestModel, .responseModel, .inputTokens, .outputTokens]
        guard !found.isEmpty, telling.contains(where: { found[$0.rawValue] != nil }) else { return nil }
        let origins = Set(found.compactMap { $0.map { GenAIMapping.attributes[$0.rank].origin } })
        let isOpenTelemetry = origins.contains(.anyOpenTelemetry) || origins.contains(.deprecated)
        if origins.contains(.current) { return .current }
        if origins.contains(.traceloop) || isOpenTelemetry && hasTraceloopAttribute { return .traceloop }
        if origins.contains(.deprecated) { return .deprecated }
        return isOpenTelemetry ? .current : .openInference
    }

    var operation: String? {
        let operation = text(.operation)
        guard hasTextCompletionAttribute, operation == "chat", origin(of: .operation) == .openInference else {
            return operation
        }
        return GenAIMapping.textCompletion
    }

    var finishReasons: [String] {
        if case .reasons(let reasons)? = value(.finishReasons) { return reasons }
        return choiceReasons.sorted { $0.key < $1.key }.map(\.value)
    }

    func text(_ field: GenAIField) -> String? {
        if case .text(let text)? = value(field) { text } else { nil }
    }

    func count(_ field: GenAIField) -> Int64? {
        if case .count(let count)? = value(field) { count } else { nil }
    }

    private func value(_ field: GenAIField) -> Value? {
        found.isEmpty ? nil : found[field.rawValue]?.value
    }

    private func origin(of field: GenAIField) -> GenAIAttribute.Origin? {
        found[field.rawValue].map { GenAIMapping.attributes[$0.rank].origin }
    }
}

// MARK: Values

extension GenAIReading {
    /// Nil if it is not what the field needs.
    private static func value(
        of attribute: GenAIAttribute, _ content: AnyValueContent, in span: RawSpan
    ) throws(WireFault) -> Value? {
        switch attribute.field {
        case .operation, .provider, .requestModel, .responseModel:
            guard let text = text(content, in: span) else { return nil }
            guard let words = attribute.words else { return .text(text) }
            return words.translation(of: text).map(Value.text)
        case .inputTokens, .outputTokens, .cachedInputTokens, .cacheWriteTokens, .reasoningTokens, .totalTokens:
            return count(content).map(Value.count)
        case .finishReasons:
            let reasons = try reasons(content, in: span)
            return reasons.isEmpty ? nil : .reasons(reasons)
        }
    }

    private static func text(_ content: AnyValueContent, in span: RawSpan) -> String? {
        guard case .string(let range) = content, 1...textLengthMax ~= range.count else { return nil }
        var bytes: [UInt8] = []
        bytes.append(copying: span.extracting(range))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func count(_ content: AnyValueContent) -> Int64? {
        let count: Int64? =
            switch content {
            case .int(let value): value
            case .double(let value): Int64(exactly: value)
            default: nil
            }
        guard let count, 0...GenAITokens.countMax ~= count else { return nil }
        return count
    }

    private static func reasons(_ content: AnyValueContent, in span: RawSpan) throws(WireFault) -> [String] {
        guard case .array(let list) = content else { return text(content, in: span).map { [$0] } ?? [] }
        var reasons: [String] = []
        var cursor = PiecesCursor(list)
        while reasons.count < finishReasonCountMax, let field = try cursor.nextField(in: span) {
            guard ListField(rawValue: field.number) == .values else {
                try cursor.current.skip(field, in: span)
                continue
            }
            let element = try AnyValueContent(MessagePieces(try cursor.current.readContent(field, in: span)), in: span)
            if let reason = text(element, in: span) { reasons.append(reason) }
        }
        return reasons
    }
}

extension RawSpan {
    fileprivate func has(_ prefix: StaticString, beginning range: Range<Int>) -> Bool {
        let end = range.lowerBound + prefix.utf8CodeUnitCount
        return end <= range.upperBound && holds(prefix, in: range.lowerBound..<end)
    }
}

import JSONParsing

/// The members of one JSON object that its message knows, by field. A `null` is as good as absent.
struct JSONMembers<Field: JSONNamed> {
    /// The largest field number of OTLP traces is 16.
    private var nodes = InlineArray<17, JSONDocument.Node?>(repeating: nil)

    subscript(field: Field) -> JSONDocument.Node? { nodes[Int(field.rawValue)] }

    /// Keys that the message does not know are ignored, as OTLP wants it; of equal keys the last one counts.
    init(of object: JSONDocument.Node, in document: borrowing JSONDocument) throws(OTLPError) {
        guard case .object = document.kind(of: object) else { throw .invalidValue("must be an object") }
        let names = Field.jsonNames
        var expected = 1
        var cursor = document.members(of: object)
        while let member = cursor.next(in: document) {
            let number = document.withString(of: member.key) { key in Self.number(of: key, in: names, from: expected) }
            guard let number else { continue }
            nodes[number] = if case .null = document.kind(of: member.value) { nil } else { member.value }
            expected = number + 1
        }
    }

    /// The field number that goes with a key. Encoders write members in order, so the search begins with the number
    /// after the last one found.
    private static func number(of key: RawSpan, in names: [StaticString], from expected: Int) -> Int? {
        let all = 0..<key.byteCount
        guard !all.isEmpty else { return nil }
        for number in expected..<max(expected, names.count) where key.holds(names[number], in: all) { return number }
        for number in 1..<expected where key.holds(names[number], in: all) { return number }
        return nil
    }
}

extension OTLPError {
    /// A known member has the wrong type or range; its path is put together on the way out.
    static func invalidValue(_ message: String) -> OTLPError {
        OTLPError(code: .invalidValue, message: message)
    }

    /// The same error, seen from the object that holds the member `name`.
    func inMember(_ name: StaticString) -> OTLPError {
        var error = self
        error.field = field.map { $0.hasPrefix("[") ? "\(name)\($0)" : "\(name).\($0)" } ?? "\(name)"
        return error
    }

    /// The same error, seen from the array that holds the element.
    func inElement(_ index: Int) -> OTLPError {
        var error = self
        error.field = field.map { "[\(index)].\($0)" } ?? "[\(index)]"
        return error
    }
}

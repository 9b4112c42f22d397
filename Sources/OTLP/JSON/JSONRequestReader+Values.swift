import JSONParsing

extension JSONRequestReader {
    /// Writes a list of `KeyValue`s whose values are level 1.
    func attributes<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try list(field, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeKeyValue(element, valueDepth: 1, to: &writer)
        }
    }

    private func writeKeyValue(
        _ object: JSONDocument.Node, valueDepth: Int, to writer: inout WireWriter
    ) throws(OTLPError) {
        let members = try JSONMembers<KeyValueField>(of: object, in: document)
        try string(.key, of: members, to: &writer)
        try message(.value, of: members, to: &writer) { (value, writer) throws(OTLPError) in
            try writeAnyValue(value, depth: valueDepth, to: &writer)
        }
        try int32(.keyStringIndex, of: members, to: &writer)
    }

    /// Writes the one value that the object has; `depth` bounds the recursion.
    private func writeAnyValue(
        _ object: JSONDocument.Node, depth: Int, to writer: inout WireWriter
    ) throws(OTLPError) {
        guard depth <= TraceRequestWalker.anyValueDepthMax else {
            throw OTLPError(
                code: .tooDeep, message: "is nested deeper than \(TraceRequestWalker.anyValueDepthMax) levels")
        }
        let members = try JSONMembers<AnyValueField>(of: object, in: document)
        guard let (field, value) = try onlyValue(of: members) else { return }
        do throws(OTLPError) {
            try write(value, as: field, depth: depth, to: &writer)
        } catch {
            throw error.inMember(field.jsonName)
        }
    }

    private func onlyValue(
        of members: JSONMembers<AnyValueField>
    ) throws(OTLPError) -> (field: AnyValueField, value: JSONDocument.Node)? {
        var found: (field: AnyValueField, value: JSONDocument.Node)?
        for number in 1..<UInt32(AnyValueField.jsonNames.count) {
            guard let field = AnyValueField(rawValue: number), let value = members[field] else { continue }
            guard found == nil else { throw .invalidValue("must not have more than one value") }
            found = (field, value)
        }
        return found
    }

    /// Writes a case of the `oneof`. Which case it is says something by itself, so defaults are written too.
    private func write(
        _ value: JSONDocument.Node, as field: AnyValueField, depth: Int, to writer: inout WireWriter
    ) throws(OTLPError) {
        let number = field.rawValue
        switch field {
        case .string:
            guard case .string = document.kind(of: value) else { throw .invalidValue("must be a string") }
            document.withString(of: value) { text in writer.content(number, text) }
        case .bool:
            switch document.kind(of: value) {
            case .true: writer.varint(number, 1)
            case .false: writer.varint(number, 0)
            default: throw .invalidValue("must be true or false")
            }
        case .int:
            writer.varint(number, UInt64(bitPattern: try integer(value, as: Int64.self)))
        case .stringIndex:
            writer.varint(number, UInt64(bitPattern: Int64(try integer(value, as: Int32.self))))
        case .double:
            writer.double(number, try double(value))
        case .bytes:
            guard case .string = document.kind(of: value),
                let decoded = document.withString(of: value, { text in Base64.decode(text) })
            else { throw .invalidValue("must be a base64 string") }
            decoded.withBytes { content in writer.content(number, content) }
        case .array:
            try writeList(value, number, to: &writer) { (element, writer) throws(OTLPError) in
                try writeAnyValue(element, depth: depth + 1, to: &writer)
            }
        case .keyValueList:
            try writeList(value, number, to: &writer) { (element, writer) throws(OTLPError) in
                try writeKeyValue(element, valueDepth: depth + 1, to: &writer)
            }
        }
    }

    /// Writes an `ArrayValue` or a `KeyValueList`.
    private func writeList(
        _ object: JSONDocument.Node, _ number: UInt32, to writer: inout WireWriter,
        element: (JSONDocument.Node, inout WireWriter) throws(OTLPError) -> Void
    ) throws(OTLPError) {
        let members = try JSONMembers<ListField>(of: object, in: document)
        try writer.message(number) { writer throws(OTLPError) in
            try list(.values, of: members, to: &writer, element: element)
        }
    }
}

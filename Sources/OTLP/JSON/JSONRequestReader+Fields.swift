import JSONParsing

// One function per kind of field. An absent member writes nothing, and neither does a scalar's default value.

extension JSONRequestReader {
    /// Writes a repeated field of messages.
    func list<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter,
        element body: (JSONDocument.Node, inout WireWriter) throws(OTLPError) -> Void
    ) throws(OTLPError) {
        try forEach(field, of: members) { element throws(OTLPError) in
            try writer.message(field.rawValue) { writer throws(OTLPError) in try body(element, &writer) }
        }
    }

    /// Writes a repeated field of strings.
    func strings<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try forEach(field, of: members) { element throws(OTLPError) in
            guard case .string = document.kind(of: element) else { throw .invalidValue("must be a string") }
            document.withString(of: element) { text in writer.content(field.rawValue, text) }
        }
    }

    /// Writes a sub-message, even an empty one: its presence says something.
    func message<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter,
        body: (JSONDocument.Node, inout WireWriter) throws(OTLPError) -> Void
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            try writer.message(field.rawValue) { writer throws(OTLPError) in try body(value, &writer) }
        }
    }

    func string<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            guard case .string = document.kind(of: value) else { throw .invalidValue("must be a string") }
            document.withString(of: value) { text in
                if !text.isEmpty { writer.content(field.rawValue, text) }
            }
        }
    }

    /// Writes an id given in hexadecimal digits of either case.
    ///
    /// A wrong id costs its span, not the request. So what is not hexadecimal becomes one byte, which is no id's
    /// length, and the walker then rejects the span for that reason.
    func id<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            guard case .string = document.kind(of: value) else { throw .invalidValue("must be a hexadecimal string") }
            document.withString(of: value) { text in
                if text.isEmpty { return }
                writer.message(field.rawValue) { id in
                    guard Hexadecimal.isBytes(text) else { return id.byte(0) }
                    for offset in stride(from: 0, to: text.byteCount, by: 2) {
                        id.byte(Hexadecimal.byte(at: offset, of: text))
                    }
                }
            }
        }
    }

    /// Writes an enum's number, whether OTLP knows it or not. Names are not accepted.
    func enumeration<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            if case .string = document.kind(of: value) {
                throw .invalidValue("must be the enum's number, not a string")
            }
            let number = try integer(value, as: Int32.self)
            if number != 0 { writer.varint(field.rawValue, UInt64(bitPattern: Int64(number))) }
        }
    }

    func int32<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            let number = try integer(value, as: Int32.self)
            if number != 0 { writer.varint(field.rawValue, UInt64(bitPattern: Int64(number))) }
        }
    }

    func uint32<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            let number = try integer(value, as: UInt32.self)
            if number != 0 { writer.varint(field.rawValue, UInt64(number)) }
        }
    }

    func fixed32<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            let number = try integer(value, as: UInt32.self)
            if number != 0 { writer.fixed32(field.rawValue, number) }
        }
    }

    func fixed64<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, to writer: inout WireWriter
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            let number = try integer(value, as: UInt64.self)
            if number != 0 { writer.fixed64(field.rawValue, number) }
        }
    }

    /// Passes on a member's value if it is there, and puts its name in front of the path of an error.
    private func with<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, _ body: (JSONDocument.Node) throws(OTLPError) -> Void
    ) throws(OTLPError) {
        guard let value = members[field] else { return }
        do throws(OTLPError) {
            try body(value)
        } catch {
            throw error.inMember(field.jsonName)
        }
    }

    private func forEach<Field: JSONNamed>(
        _ field: Field, of members: JSONMembers<Field>, _ body: (JSONDocument.Node) throws(OTLPError) -> Void
    ) throws(OTLPError) {
        try with(field, of: members) { value throws(OTLPError) in
            guard case .array = document.kind(of: value) else { throw .invalidValue("must be an array") }
            var elements = document.elements(of: value)
            var index = 0
            while let element = elements.next(in: document) {
                do throws(OTLPError) {
                    try body(element)
                } catch {
                    throw error.inElement(index)
                }
                index += 1
            }
        }
    }
}

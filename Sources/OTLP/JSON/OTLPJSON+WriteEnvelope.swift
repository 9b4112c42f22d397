extension OTLPJSON {
    static func writeResourceSpansMembers(
        _ message: Range<Int>, of bytes: RawSpan, schemaURLKey: StaticString, to writer: inout JSONWriter
    ) throws(WireFault) {
        var resource: MessagePieces?
        var schemaURL = 0..<0
        var cursor = WireCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            switch ResourceSpansField(rawValue: field.number) {
            case .resource: resource.append(try cursor.readContent(field, in: bytes))
            case .schemaURL: schemaURL = try cursor.readContent(field, in: bytes)
            case .scopeSpans, nil: try cursor.skip(field, in: bytes)
            }
        }
        if let resource {
            try writeResource(resource, of: bytes, to: &writer)
        }
        writer.member(schemaURLKey, unlessEmpty: schemaURL, of: bytes)
    }

    static func writeScopeSpansMembers(
        _ message: Range<Int>, of bytes: RawSpan, schemaURLKey: StaticString, to writer: inout JSONWriter
    ) throws(WireFault) {
        var scope: MessagePieces?
        var schemaURL = 0..<0
        var cursor = WireCursor(message)
        while let field = try cursor.nextField(in: bytes) {
            switch ScopeSpansField(rawValue: field.number) {
            case .scope: scope.append(try cursor.readContent(field, in: bytes))
            case .schemaURL: schemaURL = try cursor.readContent(field, in: bytes)
            case .spans, nil: try cursor.skip(field, in: bytes)
            }
        }
        if let scope {
            try writeScope(scope, of: bytes, to: &writer)
        }
        writer.member(schemaURLKey, unlessEmpty: schemaURL, of: bytes)
    }

    private static func writeResource(
        _ resource: MessagePieces, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var droppedAttributesCount: UInt32 = 0
        var cursor = PiecesCursor(resource)
        while let field = try cursor.nextField(in: bytes) {
            if ResourceField(rawValue: field.number) == .droppedAttributesCount {
                droppedAttributesCount = try cursor.current.readUInt32(field, in: bytes)
            } else {
                try cursor.current.skip(field, in: bytes)
            }
        }
        writer.key("resource")
        writer.beginObject()
        try writeAttributes(resource, ResourceField.attributes.rawValue, of: bytes, to: &writer)
        writer.member("droppedAttributesCount", unlessZero: droppedAttributesCount)
        try writer.list("entityRefs", resource, ResourceField.entityRefs.rawValue, of: bytes) {
            (reference, writer) throws(WireFault) in try writeEntityRef(reference, of: bytes, to: &writer)
        }
        writer.endObject()
    }

    private static func writeEntityRef(
        _ reference: Range<Int>, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var schemaURL = 0..<0
        var type = 0..<0
        var cursor = WireCursor(reference)
        while let field = try cursor.nextField(in: bytes) {
            switch EntityRefField(rawValue: field.number) {
            case .schemaURL: schemaURL = try cursor.readContent(field, in: bytes)
            case .type: type = try cursor.readContent(field, in: bytes)
            case .idKeys, .descriptionKeys, nil: try cursor.skip(field, in: bytes)
            }
        }
        let message = MessagePieces(reference)
        writer.beginObject()
        writer.member("schemaUrl", unlessEmpty: schemaURL, of: bytes)
        writer.member("type", unlessEmpty: type, of: bytes)
        try writer.list("idKeys", message, EntityRefField.idKeys.rawValue, of: bytes) {
            (key, writer) throws(WireFault) in writer.string(utf8: bytes.extracting(key))
        }
        try writer.list("descriptionKeys", message, EntityRefField.descriptionKeys.rawValue, of: bytes) {
            (key, writer) throws(WireFault) in writer.string(utf8: bytes.extracting(key))
        }
        writer.endObject()
    }

    private static func writeScope(
        _ scope: MessagePieces, of bytes: RawSpan, to writer: inout JSONWriter
    ) throws(WireFault) {
        var name = 0..<0
        var version = 0..<0
        var droppedAttributesCount: UInt32 = 0
        var cursor = PiecesCursor(scope)
        while let field = try cursor.nextField(in: bytes) {
            switch ScopeField(rawValue: field.number) {
            case .name: name = try cursor.current.readContent(field, in: bytes)
            case .version: version = try cursor.current.readContent(field, in: bytes)
            case .droppedAttributesCount: droppedAttributesCount = try cursor.current.readUInt32(field, in: bytes)
            case .attributes, nil: try cursor.current.skip(field, in: bytes)
            }
        }
        writer.key("scope")
        writer.beginObject()
        writer.member("name", unlessEmpty: name, of: bytes)
        writer.member("version", unlessEmpty: version, of: bytes)
        try writeAttributes(scope, ScopeField.attributes.rawValue, of: bytes, to: &writer)
        writer.member("droppedAttributesCount", unlessZero: droppedAttributesCount)
        writer.endObject()
    }
}

/// The fields of a message that JSON knows by name.
protocol JSONNamed: RawRepresentable<UInt32> {
    /// The lowerCamelCase names, each at the index of its field number; empty where there is no such field.
    static var jsonNames: [StaticString] { get }
}

extension JSONNamed {
    var jsonName: StaticString { Self.jsonNames[Int(rawValue)] }
}

extension TracesDataField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "resourceSpans"]
}

extension ResourceSpansField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "resource", "scopeSpans", "schemaUrl"]
}

extension ResourceField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "attributes", "droppedAttributesCount", "entityRefs"]
}

extension EntityRefField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "schemaUrl", "type", "idKeys", "descriptionKeys"]
}

extension ScopeSpansField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "scope", "spans", "schemaUrl"]
}

extension ScopeField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "name", "version", "attributes", "droppedAttributesCount"]
}

extension SpanField: JSONNamed {
    static let jsonNames: [StaticString] = [
        "", "traceId", "spanId", "traceState", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
        "attributes", "droppedAttributesCount", "events", "droppedEventsCount", "links", "droppedLinksCount", "status",
        "flags",
    ]
}

extension EventField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "timeUnixNano", "name", "attributes", "droppedAttributesCount"]
}

extension LinkField: JSONNamed {
    static let jsonNames: [StaticString] = [
        "", "traceId", "spanId", "traceState", "attributes", "droppedAttributesCount", "flags",
    ]
}

extension StatusField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "", "message", "code"]
}

extension KeyValueField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "key", "value", "keyStrindex"]
}

extension AnyValueField: JSONNamed {
    static let jsonNames: [StaticString] = [
        "", "stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue",
        "stringValueStrindex",
    ]
}

extension ListField: JSONNamed {
    static let jsonNames: [StaticString] = ["", "values"]
}

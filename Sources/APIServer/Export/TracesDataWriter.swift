import OTLP
import TraceStore

/// Writes one `TracesData` document a trace at a time, in either encoding.
///
/// Spans that share resource and scope are grouped within a trace; everything comes out as it was received, unknown
/// protobuf fields included, which JSON has no place for.
struct TracesDataWriter {
    private let encoding: OTLPEncoding
    private var isFirst = true
    /// Unknown fields of requests, each written once.
    private var writtenRequestFields = Set<[UInt8]>()

    init(_ encoding: OTLPEncoding) {
        self.encoding = encoding
    }

    /// What stands before the first trace.
    func start() -> [UInt8] {
        switch encoding {
        case .protobuf: []
        case .json: [UInt8](#"{"resourceSpans":["#.utf8)
        }
    }

    /// What stands behind the last trace.
    func end() -> [UInt8] {
        switch encoding {
        case .protobuf: []
        case .json: [UInt8]("]}".utf8)
        }
    }

    /// - Throws: `OTLPError` when stored bytes can't be read.
    mutating func write(_ traces: [ExportedTrace]) throws(OTLPError) -> [UInt8] {
        switch encoding {
        case .protobuf: return protobuf(traces)
        case .json: return try json(traces)
        }
    }

    private mutating func protobuf(_ traces: [ExportedTrace]) -> [UInt8] {
        var writer = WireWriter()
        for trace in traces {
            for fields in trace.spans.lazy.map(\.span.envelope.request) where !fields.isEmpty {
                if writtenRequestFields.insert(fields).inserted { unsafe writer.fields(fields.span.bytes) }
            }
            for group in ResourceGroup.groups(trace.spans.map(\.span)) {
                writer.message(TracesDataField.resourceSpans.rawValue) { writer in
                    unsafe writer.fields(group.resource.span.bytes)
                    for scope in group.scopes {
                        writer.message(ResourceSpansField.scopeSpans.rawValue) { writer in
                            unsafe writer.fields(scope.scope.span.bytes)
                            for span in scope.spans {
                                unsafe writer.content(ScopeSpansField.spans.rawValue, span.message.span.bytes)
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    private mutating func json(_ traces: [ExportedTrace]) throws(OTLPError) -> [UInt8] {
        var all: [UInt8] = []
        for trace in traces {
            for group in ResourceGroup.groups(trace.spans.map(\.span)) {
                if !isFirst { all.append(UInt8(ascii: ",")) }
                isFirst = false
                all.append(contentsOf: try Self.json(group))
            }
        }
        return all
    }

    private static func json(_ group: ResourceGroup) throws(OTLPError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        try unsafe OTLPJSON.writeResourceSpansMembers(group.resource.span.bytes, to: &writer)
        writer.key("scopeSpans")
        writer.beginArray()
        for scope in group.scopes {
            writer.beginObject()
            try unsafe OTLPJSON.writeScopeSpansMembers(scope.scope.span.bytes, to: &writer)
            writer.key("spans")
            writer.beginArray()
            for span in scope.spans {
                writer.beginObject()
                try unsafe OTLPJSON.writeSpanMembers(span.message.span.bytes, to: &writer)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

/// Spans of one trace that share a resource, by scope; groups and spans keep the order in which they first come.
private struct ResourceGroup {
    struct ScopeGroup {
        var scope: [UInt8]
        var spans: [StoredSpan]
    }

    var resource: [UInt8]
    var scopes: [ScopeGroup]

    static func groups(_ spans: [StoredSpan]) -> [ResourceGroup] {
        var groups: [ResourceGroup] = []
        var resources: [[UInt8]: Int] = [:]
        var scopes: [SpanEnvelope: Int] = [:]
        for span in spans {
            let resource = resources[span.envelope.resource] ?? groups.count
            if resource == groups.count {
                resources[span.envelope.resource] = resource
                groups.append(ResourceGroup(resource: span.envelope.resource, scopes: []))
            }
            var envelope = span.envelope
            envelope.request = []
            let scope = scopes[envelope] ?? groups[resource].scopes.count
            if scope == groups[resource].scopes.count {
                scopes[envelope] = scope
                groups[resource].scopes.append(ScopeGroup(scope: envelope.scope, spans: []))
            }
            groups[resource].scopes[scope].spans.append(span)
        }
        return groups
    }
}

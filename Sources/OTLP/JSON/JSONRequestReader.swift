import JSONParsing

/// Turns the values of one parsed OTLP/JSON text into protobuf fields.
///
/// Every function writes the fields of its message in the order of their numbers and leaves defaults out, as official
/// serializers do.
struct JSONRequestReader: ~Copyable {
    let document: JSONDocument

    func writeRequest(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<TracesDataField>(of: object, in: document)
        try list(.resourceSpans, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeResourceSpans(element, to: &writer)
        }
    }

    private func writeResourceSpans(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<ResourceSpansField>(of: object, in: document)
        try message(.resource, of: members, to: &writer) { (resource, writer) throws(OTLPError) in
            try writeResource(resource, to: &writer)
        }
        try list(.scopeSpans, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeScopeSpans(element, to: &writer)
        }
        try string(.schemaURL, of: members, to: &writer)
    }

    private func writeResource(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<ResourceField>(of: object, in: document)
        try attributes(.attributes, of: members, to: &writer)
        try uint32(.droppedAttributesCount, of: members, to: &writer)
        try list(.entityRefs, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeEntityRef(element, to: &writer)
        }
    }

    private func writeEntityRef(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<EntityRefField>(of: object, in: document)
        try string(.schemaURL, of: members, to: &writer)
        try string(.type, of: members, to: &writer)
        try strings(.idKeys, of: members, to: &writer)
        try strings(.descriptionKeys, of: members, to: &writer)
    }

    private func writeScopeSpans(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<ScopeSpansField>(of: object, in: document)
        try message(.scope, of: members, to: &writer) { (scope, writer) throws(OTLPError) in
            try writeScope(scope, to: &writer)
        }
        try list(.spans, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeSpan(element, to: &writer)
        }
        try string(.schemaURL, of: members, to: &writer)
    }

    private func writeScope(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<ScopeField>(of: object, in: document)
        try string(.name, of: members, to: &writer)
        try string(.version, of: members, to: &writer)
        try attributes(.attributes, of: members, to: &writer)
        try uint32(.droppedAttributesCount, of: members, to: &writer)
    }

    private func writeSpan(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<SpanField>(of: object, in: document)
        try id(.traceID, of: members, to: &writer)
        try id(.spanID, of: members, to: &writer)
        try string(.traceState, of: members, to: &writer)
        try id(.parentSpanID, of: members, to: &writer)
        try string(.name, of: members, to: &writer)
        try enumeration(.kind, of: members, to: &writer)
        try fixed64(.startTimeUnixNano, of: members, to: &writer)
        try fixed64(.endTimeUnixNano, of: members, to: &writer)
        try attributes(.attributes, of: members, to: &writer)
        try uint32(.droppedAttributesCount, of: members, to: &writer)
        try list(.events, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeEvent(element, to: &writer)
        }
        try uint32(.droppedEventsCount, of: members, to: &writer)
        try list(.links, of: members, to: &writer) { (element, writer) throws(OTLPError) in
            try writeLink(element, to: &writer)
        }
        try uint32(.droppedLinksCount, of: members, to: &writer)
        try message(.status, of: members, to: &writer) { (status, writer) throws(OTLPError) in
            try writeStatus(status, to: &writer)
        }
        try fixed32(.flags, of: members, to: &writer)
    }

    private func writeEvent(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<EventField>(of: object, in: document)
        try fixed64(.timeUnixNano, of: members, to: &writer)
        try string(.name, of: members, to: &writer)
        try attributes(.attributes, of: members, to: &writer)
        try uint32(.droppedAttributesCount, of: members, to: &writer)
    }

    private func writeLink(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<LinkField>(of: object, in: document)
        try id(.traceID, of: members, to: &writer)
        try id(.spanID, of: members, to: &writer)
        try string(.traceState, of: members, to: &writer)
        try attributes(.attributes, of: members, to: &writer)
        try uint32(.droppedAttributesCount, of: members, to: &writer)
        try fixed32(.flags, of: members, to: &writer)
    }

    private func writeStatus(_ object: JSONDocument.Node, to writer: inout WireWriter) throws(OTLPError) {
        let members = try JSONMembers<StatusField>(of: object, in: document)
        try string(.message, of: members, to: &writer)
        try enumeration(.code, of: members, to: &writer)
    }
}

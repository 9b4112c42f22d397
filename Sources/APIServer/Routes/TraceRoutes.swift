import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import OTLP
import TraceStore

/// Lists traces and shows one with its spans.
struct TraceRoutes {
    static let limitRange = 1...100
    static let limitDefault = 20

    let store: any SpanStore
    let publicURL: PublicURL

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/traces", access: .key(.tracesRead), read: readQuery, act: list),
            Endpoint(.get, "/v1/traces/{trace_id}", access: .key(.tracesRead), read: readID, act: show),
        ]
    }

    // MARK: List

    @Sendable
    private func readQuery(_ request: APIRequest) async throws -> TraceQuery {
        let parameters = try request.query()
        let limit = try parameters.integer("limit", in: Self.limitRange) ?? Self.limitDefault
        var query = TraceQuery(tenant: TenantID(try request.authenticated().userID), limit: limit)
        query.start = try parameters.unixNano("start") ?? 0
        query.end = try parameters.unixNano("end") ?? .max
        query.after = try parameters.value("cursor").map(Cursor.tracePosition)
        query.filter = try SpanFilter(parameters)
        return query
    }

    @Sendable
    private func list(_ query: TraceQuery, _ request: APIRequest) async throws -> Response {
        let page = try await store.search(query)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for trace in page.traces {
            writer.beginObject()
            writer.runtimeTrace(trace)
            writer.endObject()
        }
        writer.endArray()
        writer.key("next_cursor")
        writer.stringOrNull(page.next.map(Cursor.text))
        writer.endObject()
        var response = Response(json: writer)
        if let next = page.next {
            response.headers[.link] = NextLink(request, publicURL: publicURL.text, cursor: Cursor.text(next)).text
        }
        return response
    }

    // MARK: One trace

    @Sendable
    private func readID(_ request: APIRequest) async throws -> TraceID {
        try QueryParameters.traceID(request.parameters["trace_id"] ?? "", parameter: "trace_id")
    }

    @Sendable
    private func show(_ id: TraceID, _ request: APIRequest) async throws -> Response {
        let tenant = TenantID(try request.authenticated().userID)
        guard let trace = try await store.trace(id, of: tenant) else {
            throw APIError(.notFound, "there is no trace \(id.hex)", parameter: "trace_id")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.runtimeTrace(TraceSummary(trace))
        writer.key("runs")
        writer.beginArray()
        writer.endArray()
        writer.key("spans")
        writer.beginArray()
        for span in trace.spans { try writer.detailedSpan(span) }
        writer.endArray()
        writer.endObject()
        return Response(json: writer)
    }
}

extension SpanFilter {
    /// Reads the filters of `GET /v1/traces`.
    fileprivate init(_ parameters: QueryParameters) throws(APIError) {
        self.init()
        service = try parameters.value("service")
        operation = try parameters.value("operation")
        kind = try parameters.choice(
            "kind", of: ["internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5])
        status = try parameters.choice("status", of: ["ok": SpanStatus.ok, "error": .error, "unset": .unset])
        minDurationNano = try parameters.milliseconds("min_duration_ms")
        maxDurationNano = try parameters.milliseconds("max_duration_ms")
        attributes = try parameters.attributes("attr")
        if let model = try parameters.value("model") {
            anyOf.append([
                Attribute(key: "gen_ai.request.model", value: model),
                Attribute(key: "gen_ai.response.model", value: model),
            ])
        }
        if let version = try parameters.value("prompt_version") {
            attributes.append(Attribute(key: "batchin.prompt.version", value: version))
        }
        // Runs and records are the gateway's word: a span that a client pushed can't claim to be of one.
        if let run = try parameters.runID("run_id") {
            attributes.append(Attribute(key: "batchin.run_id", value: run))
            origin = .gateway
        }
        if let record = try parameters.value("record_id") {
            attributes.append(Attribute(key: "batchin.record_id", value: record))
            origin = .gateway
        }
    }
}

extension JSONWriter {
    /// The members of a runtime trace; those that only a gateway run has are null.
    fileprivate mutating func runtimeTrace(_ trace: TraceSummary) {
        key("trace_id")
        string(trace.traceID.hex)
        for name in ["run_id", "record_id", "route_id", "provider", "environment", "prompt_version_id", "model_id"] {
            key(name)
            null()
        }
        key("started_at")
        string(RFC3339.text(unixNano: trace.startTimeUnixNano))
        key("duration_ms")
        double(Double(trace.durationNano) / 1e6)
        key("status")
        string(trace.status.rawValue)
        key("service")
        stringOrNull(trace.service.isEmpty ? nil : trace.service)
        key("operation")
        string(trace.operation)
        key("span_count")
        integer(trace.spanCount)
        key("conflict")
        bool(trace.hasConflict)
    }

    /// A span in OTLP/JSON with its resource, its scope and who made it.
    fileprivate mutating func detailedSpan(_ span: StoredSpan) throws(APIError) {
        do throws(OTLPError) {
            beginObject()
            try unsafe OTLPJSON.writeSpanMembers(span.message.span.bytes, to: &self)
            try unsafe OTLPJSON.writeResourceSpansMembers(
                span.envelope.resource.span.bytes, schemaURLKey: "resourceSchemaUrl", to: &self)
            try unsafe OTLPJSON.writeScopeSpansMembers(
                span.envelope.scope.span.bytes, schemaURLKey: "scopeSchemaUrl", to: &self)
        } catch {
            throw APIError(.internalError, "stored data is damaged")
        }
        key("origin")
        string(span.origin == .gateway ? "gateway" : "ingested")
        if span.endsBeforeStart {
            key("warnings")
            beginArray()
            string("the span ends before it starts")
            endArray()
        }
        endObject()
    }
}

import Accounts
import HTTPTypes
import Hummingbird
import Inference
import NIOCore
import OTLP
import TraceStore

/// Lists traces and shows one with its runs and spans.
struct TraceRoutes {
    static let limitRange = 1...100
    static let limitDefault = 20

    let traces: RuntimeTraces
    /// What GenAI spans that clients pushed are priced by.
    let catalogue: Catalogue
    let publicURL: PublicURL

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/traces", access: .key(.tracesRead), read: readQuery, act: list),
            Endpoint(.get, "/v1/traces/{trace_id}", access: .key(.tracesRead), read: readID, act: show),
        ]
    }

    // MARK: List

    @Sendable
    private func readQuery(_ request: APIRequest) async throws -> RuntimeTraces.Query {
        let parameters = try request.query()
        let limit = try parameters.integer("limit", in: Self.limitRange) ?? Self.limitDefault
        let userID = try request.authenticated().userID
        var spans = TraceQuery(tenant: TenantID(userID), limit: limit)
        spans.start = try parameters.unixNano("start") ?? 0
        spans.end = try parameters.unixNano("end") ?? .max
        spans.after = try parameters.value("cursor").map(Cursor.tracePosition)
        spans.filter = try SpanFilter(parameters)
        let isOfSpans = !spans.filter.isEmpty
        try spans.filter.addRunFilters(parameters)
        let runs = RunQuery(
            userID: userID, model: try parameters.text("model"),
            promptVersion: try parameters.text("prompt_version"), recordID: try parameters.text("record_id"),
            limit: limit)
        return RuntimeTraces.Query(
            spans: spans, runs: isOfSpans ? nil : runs, runID: try parameters.runID("run_id"), userID: userID)
    }

    @Sendable
    private func list(_ query: RuntimeTraces.Query, _ request: APIRequest) async throws -> Response {
        let page = try await traces.list(query)
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
        guard let (trace, spans) = try await traces.trace(id, of: try request.authenticated().userID) else {
            throw APIError(.notFound, "there is no trace \(id.hex)", parameter: "trace_id")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.runtimeTrace(trace)
        writer.key("runs")
        writer.beginArray()
        for run in trace.runs?.runs ?? [] { writer.run(run) }
        writer.endArray()
        writer.key("spans")
        writer.beginArray()
        for span in spans { try writer.detailedSpan(span, pricedBy: catalogue) }
        writer.endArray()
        writer.endObject()
        return Response(json: writer)
    }
}

extension SpanFilter {
    /// Reads the filters of `GET /v1/traces` that only spans can meet.
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
    }

    /// Reads the filters that runs can meet too; the spans of a run carry what they ask for.
    fileprivate mutating func addRunFilters(_ parameters: QueryParameters) throws(APIError) {
        if let model = try parameters.value("model") {
            anyOf.append([
                Attribute(key: "gen_ai.request.model", value: model),
                Attribute(key: "gen_ai.response.model", value: model),
            ])
        }
        if let version = try parameters.value("prompt_version") {
            attributes.append(Attribute(key: "batchin.prompt.version", value: version))
        }
        // Records are the gateway's word: a span that a client pushed can't claim to be of one.
        if let record = try parameters.value("record_id") {
            attributes.append(Attribute(key: "batchin.record_id", value: record))
            origin = .gateway
        }
    }
}

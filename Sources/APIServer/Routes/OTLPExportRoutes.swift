import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import OTLP
import TraceStore

/// Gives spans back as OTLP: one whole `TracesData` document, streamed.
struct OTLPExportRoutes {
    /// Spans a page may have when the client asks for pages.
    static let limitRange = 1...10_000
    /// Bytes of spans read from the store at a time.
    static let portionBytes = 256 << 10

    let store: any SpanStore
    let gatewaySpans: GatewaySpans
    let publicURL: PublicURL

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/v1/otlp/export", access: .key(.tracesRead), errors: .otlpJSON, read: readRequest, act: export)
        ]
    }

    struct Export: Sendable {
        var query: ExportQuery
        var encoding: OTLPEncoding
        /// `nil`: everything in one document.
        var limit: Int?
    }

    @Sendable
    private func readRequest(_ request: APIRequest) async throws -> Export {
        let parameters = try request.query()
        var query = ExportQuery(tenant: TenantID(try request.authenticated().userID))
        query.traceID = try parameters.traceID("trace_id")
        query.start = try parameters.unixNano("start") ?? 0
        query.end = try parameters.unixNano("end") ?? .max
        query.filter.service = try parameters.value("service")
        if let run = try parameters.runID("run_id") {
            // A run is the gateway's word: spans that a client pushed are not of it, whatever they say.
            query.filter.attributes = [SpanFilter.Attribute(key: "batchin.run_id", value: run)]
            query.filter.origin = .gateway
        }
        query.after = try parameters.value("cursor").map(Cursor.spanPosition)
        let format = try parameters.choice("format", of: ["protobuf": OTLPEncoding.protobuf, "json": .json])
        return Export(
            query: query, encoding: format ?? OTLPEncoding(accept: request.headers[values: .accept]),
            limit: try parameters.integer("limit", in: Self.limitRange))
    }

    @Sendable
    private func export(_ export: Export, _ request: APIRequest) async throws -> Response {
        await gatewaySpans.flush()
        let spans = try await store.export(export.query)
        if let limit = export.limit { return try await page(of: spans, limit: limit, export, request) }
        let encoding = export.encoding
        let body = ResponseBody { writer in
            // Bodies are written where the connection is served, which is no place for long work.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                var document = TracesDataWriter(encoding)
                try await writer.write(ByteBuffer(bytes: document.start()))
                while let traces = try await spans.next(byteCount: Self.portionBytes) {
                    try await writer.write(ByteBuffer(bytes: document.write(traces)))
                }
                try await writer.write(ByteBuffer(bytes: document.end()))
                try await writer.finish(nil)
            }
        }
        return Response(status: .ok, headers: [.contentType: encoding.contentType], body: body)
    }

    /// At most `limit` spans, with a link to the next ones when there are more.
    private func page(
        of spans: any SpanExport, limit: Int, _ export: Export, _ request: APIRequest
    ) async throws -> Response {
        var taken: [ExportedTrace] = []
        var room = limit
        var hasMore = false
        while !hasMore, let traces = try await spans.next(byteCount: Self.portionBytes) {
            for trace in traces {
                hasMore = hasMore || trace.spans.count > room
                let kept = ExportedTrace(spans: Array(trace.spans.prefix(room)))
                room -= kept.spans.count
                if !kept.spans.isEmpty { taken.append(kept) }
            }
        }
        var document = TracesDataWriter(export.encoding)
        let bytes = document.start() + (try document.write(taken)) + document.end()
        var response = Response(
            status: .ok, headers: [.contentType: export.encoding.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        if hasMore, let last = taken.last?.spans.last?.position {
            response.headers[.link] = NextLink(request, publicURL: publicURL.text, cursor: Cursor.text(last)).text
        }
        return response
    }
}

extension OTLPEncoding {
    /// The better liked of the two encodings; JSON when neither is named. https://www.rfc-editor.org/rfc/rfc9110#name-accept
    fileprivate init(accept headers: [String]) {
        var best: (encoding: OTLPEncoding, quality: Double) = (.json, 0)
        for range in headers.joined(separator: ",").split(separator: ",") {
            let quality = range.split(separator: ";").dropFirst().lazy
                .map { $0.trimmingOptionalWhitespace() }
                .first { $0.hasPrefix("q=") }
                .flatMap { Double($0.dropFirst(2)) }
            if let encoding = OTLPEncoding(contentType: String(range)), quality ?? 1 > best.quality {
                best = (encoding, quality ?? 1)
            }
        }
        self = best.encoding
    }
}

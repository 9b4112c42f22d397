import Accounts
import Database
import HTTPTypes
import Hummingbird
import JSONParsing
import NIOCore
import OTLP
import TraceStore

/// Where exporters push spans: one behaviour on three paths.
///
/// https://opentelemetry.io/docs/specs/otlp/#otlphttp
struct OTLPIngestRoutes {
    /// `/v1/traces` and `/v1/otlp/v1/traces` are what an exporter derives from a base URL.
    static let paths = ["/v1/otlp/traces", "/v1/traces", "/v1/otlp/v1/traces"]

    let store: any SpanStore
    let bodies: BodyReader
    /// Memory for parsed JSON, apart from the bodies' own.
    let jsonBudget: IngestBudget
    let metrics: ServerMetrics

    var endpoints: [Endpoint] {
        Self.paths.map { path in
            Endpoint(.post, path, access: .key(.otlpWrite), errors: .otlp, read: readRequest, act: append)
        }
    }

    /// A request that passed every check but the scope's.
    struct Ingest: Sendable {
        var encoding: OTLPEncoding
        var batch: SpanBatch
        /// Keeps the memory granted until the batch is stored.
        var reservation: IngestBudget.Reservation
    }

    @Sendable
    private func readRequest(_ request: APIRequest) async throws -> Ingest {
        do {
            let body = try await bodies.read(request.request)
            guard let encoding = OTLPEncoding(contentType: request.headers[.contentType]) else {
                throw APIError(
                    .unsupportedMediaType, "the Content-Type must be application/x-protobuf or application/json",
                    parameter: "Content-Type")
            }
            let tenant = TenantID(try request.authenticated().userID)
            let batch = try batch(body.bytes, encoding, tenant: tenant)
            try body.reservation.grow(by: batch.outlineMemory)
            return Ingest(encoding: encoding, batch: batch, reservation: body.reservation)
        } catch {
            metrics.refusedRequests.count(APIError(error).code.rawValue)
            throw error
        }
    }

    private func batch(_ body: [UInt8], _ encoding: OTLPEncoding, tenant: TenantID) throws -> SpanBatch {
        switch encoding {
        case .protobuf:
            return try SpanBatch(validating: body, tenant: tenant)
        case .json:
            // Nothing is required of a request, so an empty body counts as `{}`, as it does in protobuf.
            guard !body.isEmpty else { return try SpanBatch(validating: [], tenant: tenant) }
            let parsed = jsonBudget.reserve()
            try parsed.grow(by: body.count * JSONDocument.memoryFactorMax)
            defer { withExtendedLifetime(parsed) {} }
            return try SpanBatch(validating: OTLPJSON.transcodeRequest(body), tenant: tenant)
        }
    }

    @Sendable
    private func append(_ ingest: Ingest, _ request: APIRequest) async throws -> Response {
        do {
            try await store.append(ingest.batch)
        } catch {
            metrics.refusedRequests.count(APIError(error).code.rawValue)
            throw error
        }
        let rejections = ingest.batch.outline.rejections
        for reason in SpanRejections.Reason.allCases where rejections[reason] > 0 {
            metrics.rejectedSpans.count(reason.rawValue, by: rejections[reason])
        }
        withExtendedLifetime(ingest.reservation) {}
        return Self.response(ExportTraceServiceResponse(rejections), ingest.encoding)
    }

    private static func response(_ answer: ExportTraceServiceResponse, _ encoding: OTLPEncoding) -> Response {
        let bytes =
            switch encoding {
            case .protobuf: answer.protobuf
            case .json: answer.json
            }
        return Response(
            status: .ok, headers: [.contentType: encoding.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension TenantID {
    /// A user's spans are kept under the user's id.
    init(_ user: UserID) {
        self.init(high: user.uuid.high, low: user.uuid.low)
    }
}

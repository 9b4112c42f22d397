import Accounts
import Audit
import AuditLog
import HTTPTypes
import Hummingbird
import NIOCore
import OTLP

/// Shows audit records and verifies them, for everyone; whoever owns a record sees more of it.
struct RecordRoutes {
    static let limitRange = 1...1000
    static let limitDefault = 20

    let log: AuditLog
    let bodies: BodyReader

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/vaas", access: .key(.auditRead), read: readPage, act: list),
            Endpoint(.get, "/v1/vaas/{id}", access: .everyoneByName, act: show),
            Endpoint(.get, "/v1/vaas/{id}/verify", access: .everyone, act: verify),
            Endpoint(.get, "/v1/vaas/{id}/evidence", access: .everyoneByName, act: evidence),
            Endpoint(.post, "/v1/vaas/verify", access: .everyone, read: readPack, act: verifyPack),
        ]
    }

    // MARK: One record

    /// Whatever is wrong with an id, the answer is the same.
    private func record(_ request: APIRequest) async throws -> StoredRecord {
        guard let id = request.parameters["id"].flatMap(RecordID.init(text:)), let record = try await log.record(id)
        else { throw APIError(.notFound, "there is no such record", parameter: "id") }
        return record
    }

    private func isOwner(_ request: APIRequest, of record: StoredRecord) -> Bool {
        guard let principal = request.principal, principal.scopes.contains(.auditRead) else { return false }
        return principal.userID.description == record.tenant
    }

    @Sendable
    private func show(_ request: APIRequest) async throws -> Response {
        let record = try await record(request)
        let statement = try record.statement()
        var writer = JSONWriter()
        writer.beginObject()
        writer.flatMembers(RecordObject(record, statement))
        writer.publicMembers(statement)
        if isOwner(request, of: record) { writer.ownerMembers(record, statement) }
        writer.endObject()
        var response = Response(json: writer)
        response.headers[.vary] = "Authorization"
        response.headers[.referrerPolicy] = "no-referrer"
        return response
    }

    @Sendable
    private func verify(_ request: APIRequest) async throws -> Response {
        Response(auditObject: try await log.verify(try await record(request)).json)
    }

    @Sendable
    private func evidence(_ request: APIRequest) async throws -> Response {
        let record = try await record(request)
        let evidence = try await log.evidence(for: record, isOpen: isOwner(request, of: record))
        let tag = "W/\"\(evidence.leafHash.hexadecimal)-\(evidence.size)\""
        var headers: HTTPFields = [
            .eTag: tag, .vary: "Authorization", .referrerPolicy: "no-referrer",
            .contentDisposition: "attachment; filename=\"\(record.recordID.recordText).json\"",
        ]
        if request.headers.hasNoneMatch(tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: CanonicalJSON.encode(evidence.pack))))
    }

    // MARK: Any pack

    @Sendable
    private func readPack(_ request: APIRequest) async throws -> [UInt8] {
        let body = try await bodies.read(request.request)
        guard MediaType(contentType: request.headers[.contentType]).name == "application/json" else {
            throw APIError(
                .unsupportedMediaType, "the Content-Type must be application/json", parameter: "Content-Type")
        }
        // What is wrong inside is for the verifier to find.
        guard body.bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") else {
            throw APIError(.invalidRequest, "the body must be a JSON object")
        }
        return body.bytes
    }

    @Sendable
    private func verifyPack(_ pack: [UInt8], _ request: APIRequest) async throws -> Response {
        Response(auditObject: try await log.verify(pack).json)
    }

    // MARK: A user's records

    private struct Page {
        let after: Int64
        let limit: Int
    }

    @Sendable
    private func readPage(_ request: APIRequest) async throws -> Page {
        let query = try request.query()
        return Page(
            after: Int64(try query.integer("after_seq", in: 0...Int.max) ?? 0),
            limit: try query.integer("limit", in: Self.limitRange) ?? Self.limitDefault)
    }

    @Sendable
    private func list(_ page: Page, _ request: APIRequest) async throws -> Response {
        let records = try await log.records(
            of: try request.authenticated().userID.description, after: page.after, limit: page.limit)
        let items = try records.map { record -> JSONValue in
            let details = try record.parsedDetails()
            return [
                "tenant_seq": .string(String(record.sequence)), "record_id": .string(record.recordID.recordText),
                "signature": .string(FlatProjection.text(of: record.signature)),
                "prev_receipt": details.json["prev_receipt"] ?? .null,
                "outcome": .string(try record.statement().outcome.rawValue),
            ]
        }
        return Response(auditObject: ["items": .array(items)])
    }
}

extension HTTPFields {
    /// Whether a client has what a weak tag stands for already.
    ///
    /// https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    fileprivate func hasNoneMatch(_ tag: String) -> Bool {
        self[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }.contains { known in
            let known = known.trimmingOptionalWhitespace()
            return known == "*" || (known.hasPrefix("W/") ? String(known) : "W/\(known)") == tag
        }
    }
}

extension Response {
    init(auditObject object: JSONObject) {
        self.init(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: CanonicalJSON.encode(object))))
    }
}

extension HTTPField.Name {
    // The names are tokens, so the initializer can't fail.
    static let referrerPolicy = Self("Referrer-Policy") ?? .from
    static let vaasRecordID = Self("X-VaaS-Record-Id") ?? .from
    static let vaasPublicKey = Self("X-VaaS-PublicKey") ?? .from
    static let vaasSignature = Self("X-VaaS-Signature") ?? .from
    static let vaasSequence = Self("X-VaaS-Seq") ?? .from
    static let vaasPrevious = Self("X-VaaS-Prev") ?? .from
}

import Accounts
import Audit
import AuditLog
import Crypto
import Database
import HTTPTypes
import Hummingbird
import NIOCore
import OTLP

/// `POST /v1/vaas`: signs what a caller says of a run, and that it is the caller who says so.
struct AssertionRoutes {
    /// So much may both texts have together, with the rest of the body.
    static let bodyBytesMax = 8 * 1024 * 1024
    /// A name in a statement is not longer.
    static let nameBytesMax = 1024

    let log: AuditLog
    let runs: RunStore
    let idempotency: IdempotencyStore
    let energy: EnergyEstimates
    let refusals: RefusalCounts
    let environment: String
    let bodies: JSONBodyReader
    let now: @Sendable () -> UInt64

    var endpoints: [Endpoint] {
        [Endpoint(.post, "/v1/vaas", access: .key(.auditWrite), read: read, act: create)]
    }

    struct Assertion: Sendable {
        let input: String
        let output: String
        let modelID: String
        let gpuID: String?
        let runID: String?

        /// By which repetitions are told from other requests.
        var fingerprint: [UInt8] {
            var hash = SHA256()
            for text in [input, output, modelID, gpuID ?? "", runID ?? ""] {
                hash.update(data: Array("\(text.utf8.count):\(text)".utf8))
            }
            hash.update(data: [gpuID == nil ? 0 : 1, runID == nil ? 0 : 1])
            return Array(hash.finalize())
        }
    }

    // MARK: Reading

    @Sendable
    private func read(_ request: APIRequest) async throws -> Assertion {
        try await bodies.read(request) { body throws(APIError) in
            Assertion(
                input: try body.requiredString("input_text"), output: try body.requiredString("output_text"),
                modelID: try Self.name(try body.requiredString("model_id"), "model_id"),
                gpuID: try body.string("gpu_id").map { text throws(APIError) in try Self.name(text, "gpu_id") },
                runID: try body.string("run_id"))
        }
    }

    private static func name(_ text: String, _ member: String) throws(APIError) -> String {
        guard (1...nameBytesMax).contains(text.utf8.count) else {
            throw APIError(
                .invalidRequest, "\(member) must have 1 to \(nameBytesMax) bytes", parameter: member)
        }
        return text
    }

    // MARK: Making

    @Sendable
    private func create(_ assertion: Assertion, _ request: APIRequest) async throws -> Response {
        let principal = try request.authenticated()
        guard log.inconsistency == nil else { throw APIError.auditLogDamaged }
        guard let key = request.headers[.idempotencyKey] else {
            return try await make(assertion, for: principal, ticket: nil)
        }
        let verdict = try await idempotency.begin(
            key: key, path: request.request.uri.path, bodyHash: assertion.fingerprint, for: principal.userID)
        if let answer = try verdict.answer() { return answer }
        guard case .proceed(let ticket) = verdict else { preconditionFailure("all other verdicts have an answer") }
        do {
            return try await make(assertion, for: principal, ticket: ticket)
        } catch {
            await idempotency.abandon(ticket)
            throw error
        }
    }

    private func make(
        _ assertion: Assertion, for principal: Principal, ticket: IdempotencyTicket?
    ) async throws -> Response {
        let claims = try await claims(of: assertion, by: principal)
        let refused = refusals.take(of: principal.userID)
        do {
            let randomness = try RecordRandomness()
            let digests = RecordDigests(
                input: SHA256Digest(of: assertion.input), output: SHA256Digest(of: assertion.output))
            let facts = facts(of: assertion)
            let draft = try RecordDraft(
                origin: log.statementOrigin, randomness: randomness, facts: facts, digests: digests,
                details: details(of: assertion, claims, refused, tenant: principal.userID))
            let receipt = try await log.append(
                draft, madeWith: randomness, digests: digests, tenant: principal.userID.description
            ) { receipt, connection throws(DatabaseError) in
                guard let ticket else { return }
                let answer = Self.answer(receipt, digests, facts.energy)
                try idempotency.completion(of: ticket, runID: receipt.recordID.recordText, answer: answer)(connection)
            }
            return Response(Self.answer(receipt, digests, facts.energy))
        } catch {
            refusals.giveBack(refused, of: principal.userID)
            throw error
        }
    }

    private func facts(of assertion: Assertion) -> RecordFacts {
        let moment = AuditTime(nanosecondsSince1970: now())
        return RecordFacts(
            run: nil, environment: environment, modelID: assertion.modelID, outcome: .ok, receivedAt: moment,
            completedAt: moment, energy: energy.model(assertion.modelID).estimate(Self.generation(assertion)))
    }

    private func details(
        of assertion: Assertion, _ claims: JSONObject, _ refused: RefusalCounts.Counts, tenant: UserID
    ) -> RecordDetails {
        RecordDetails(
            tenant: tenant.description,
            energyInputs: energy.model(assertion.modelID).inputs(of: Self.generation(assertion)),
            claims: claims.members.isEmpty ? nil : claims,
            refused: refused.isEmpty
                ? nil : RecordDetails.Refused(unauthorized: refused.unauthorized, rateLimited: refused.rateLimited))
    }

    /// Tokens are counted as four bytes each, rounded up.
    private static func generation(_ assertion: Assertion) -> TextGeneration {
        TextGeneration(
            outputTokens: (assertion.output.utf8.count + 3) / 4, inputTokens: (assertion.input.utf8.count + 3) / 4,
            tokenBasis: .estimated, latencySeconds: nil)
    }

    /// What the caller says beside the texts, and on what grounds it is recorded.
    ///
    /// - Throws: `notFound` if the caller has no such run, `conflict` if that was about other texts.
    private func claims(of assertion: Assertion, by principal: Principal) async throws -> JSONObject {
        var claims = JSONObject()
        if let gpuID = assertion.gpuID { claims["gpu_id"] = ["value": .string(gpuID), "basis": "caller"] }
        guard let runID = assertion.runID else { return claims }
        guard let run = try await runs.run(runID, of: principal.userID) else {
            throw APIError(.notFound, "there is no such run", parameter: "run_id")
        }
        guard let id = run.recordID.flatMap(RecordID.init(text:)), let record = try await log.record(id),
            let statement = try? record.statement(),
            record.valueDigest(.input, of: statement) == SHA256Digest(of: assertion.input),
            record.valueDigest(.output, of: statement) == SHA256Digest(of: assertion.output)
        else { throw APIError(.conflict, "the run was about another input or output", parameter: "run_id") }
        claims["run_id"] = ["value": .string(runID), "basis": "gateway_matched"]
        return claims
    }

    // MARK: Answering

    private static func answer(
        _ receipt: Receipt, _ digests: RecordDigests, _ energy: EnergyEstimate
    ) -> StoredAnswer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.flatMembers(
            RecordObject(
                recordID: receipt.recordID, inputHash: digests.input, outputHash: digests.output, energy: energy.flat,
                signature: receipt.signature))
        writer.endObject()
        var headers: HTTPFields = [.contentType: "application/json"]
        headers.setReceipt(receipt)
        return StoredAnswer(
            status: 201, headers: headers.map { StoredAnswer.Header(name: $0.name.rawName, value: $0.value) },
            body: writer.bytes)
    }
}

extension HTTPFields {
    /// What a receipt says, in headers.
    mutating func setReceipt(_ receipt: Receipt) {
        self[.vaasRecordID] = receipt.recordID.recordText
        self[.vaasPublicKey] = receipt.publicKeyText
        self[.vaasSignature] = receipt.signatureText
        self[.vaasSequence] = String(receipt.sequence)
        self[.vaasPrevious] = receipt.previousReceipt.hexadecimal
    }
}

import Audit
import Database
import Sodium

@testable import AuditLog

/// A record to be logged, with all that is stored beside it.
struct TestDraft: Sendable {
    let draft: RecordDraft
    let randomness: RecordRandomness
    let digests: RecordDigests
    let tenant: String

    static func stub(
        _ observation: Observation = .gatewayObserved, tenant: String = "ada", text: String = "[]"
    ) throws -> TestDraft {
        let isObserved = observation == .gatewayObserved
        let randomness = try RecordRandomness()
        let digests = RecordDigests(
            input: SHA256Digest(of: text), output: SHA256Digest(of: "Grüße"),
            requestWire: isObserved ? SHA256Digest(of: "request") : nil,
            responseWire: isObserved ? SHA256Digest(of: "response") : nil)
        let run = RunStatement.Run(
            runID: "run_" + String(repeating: "0aZ9", count: 6), traceID: String(repeating: "0af7", count: 8),
            spanID: "00f067aa0ba902b7", promptVersionID: "default", routeID: "default", provider: "openai")
        let facts = RecordFacts(
            run: isObserved ? run : nil, environment: "production", modelID: "gpt-4.1", outcome: .ok,
            receivedAt: time, completedAt: time, energy: .none(.noMethod))
        let details = RecordDetails(
            tenant: tenant, usage: isObserved ? RecordDetails.Usage(inputTokens: 22, outputTokens: 90) : nil)
        let draft = try RecordDraft(
            origin: try StatementOrigin(TestInstallation.origin), randomness: randomness, facts: facts,
            digests: digests, details: details)
        return TestDraft(draft: draft, randomness: randomness, digests: digests, tenant: tenant)
    }

    private static let time = AuditTime(microsecondsSince1970: 1_795_414_509_123_456)
}

extension AuditLog {
    @discardableResult
    func append(
        _ record: TestDraft,
        alongWith companion: @escaping @Sendable (Receipt, Connection) throws(DatabaseError) -> Void = { _, _ in }
    ) async throws -> Receipt {
        try await append(
            record.draft, madeWith: record.randomness, digests: record.digests, tenant: record.tenant,
            alongWith: companion)
    }

    func append(_ record: TestDraft, on connection: Connection) throws(DatabaseError) -> Receipt {
        try append(
            record.draft, madeWith: record.randomness, digests: record.digests, tenant: record.tenant, on: connection)
    }

    /// Appends records one after the other in few transactions, those of three tenants in turn.
    @discardableResult
    func appendRecords(_ count: Int) async throws -> [Receipt] {
        let drafts = try (0..<count).map { try TestDraft.stub(tenant: "tenant-\($0 % 3)") }
        return try await database.write(inGroup: .auditLog) { [self] connection throws(DatabaseError) in
            var receipts: [Receipt] = []
            for draft in drafts { receipts.append(try append(draft, on: connection)) }
            return receipts
        }
    }
}

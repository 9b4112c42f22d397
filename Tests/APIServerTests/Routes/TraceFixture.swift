import Accounts
import AuditLog
import Database
import Foundation
import HTTPTypes
import Inference
import OTLP
import Synchronization
import TestSupport
import Testing
import TraceStore

@testable import APIServer

/// Traces of two users: runs in a database, spans in a store, and the endpoints that show them.
struct TraceFixture {
    /// What the ledger takes for the time, in milliseconds.
    final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_000)
        var now: Int64 { milliseconds.withLock { $0 } }
        func set(_ now: Int64) { milliseconds.withLock { $0 = now } }
    }

    let clock = Clock()
    let database: Database
    let store: SpanStoreStub
    let user: Principal
    let stranger: Principal
    private let recorder: RunRecorder
    /// Its spans get nowhere.
    private let losingRecorder: RunRecorder
    private let routes: TraceRoutes

    init(_ database: Database, _ store: SpanStoreStub, _ audit: AuditLog) async throws {
        self.database = database
        self.store = store
        let clock = clock
        let ledger = Ledger(database: database, now: { clock.now })
        let spans = GatewaySpans(store: store, environment: "test", logger: .silent)
        let records = ObservedRuns(
            log: audit, environment: "test", energy: try .stub(), refusals: RefusalCounts())
        recorder = RunRecorder(
            ledger: ledger, records: records, spans: spans, metrics: GatewayMetrics(), environment: "test")
        losingRecorder = RunRecorder(
            ledger: ledger, records: records, spans: GatewaySpans(store: store, environment: "", logger: .silent),
            metrics: GatewayMetrics(), environment: "test")
        routes = TraceRoutes(
            traces: RuntimeTraces(store: store, runs: RunStore(database: database), gatewaySpans: spans),
            catalogue: Catalogue(models: [], providers: []), publicURL: PublicURL(Configuration()))
        user = try await Self.makeUser("a", database)
        stranger = try await Self.makeUser("b", database)
    }

    private static func makeUser(_ name: String, _ database: Database) async throws -> Principal {
        let id = UserID(UUIDv7(milliseconds: 1))
        try await database.execute(
            "INSERT INTO users (id, email, name, created_at) VALUES (\(id), \(name), '', \(1 as Int64))")
        return .stub(userID: id)
    }

    /// Records a run as the gateway does; the ledger's clock says when it began unless told otherwise.
    func record(
        _ run: InferenceRun, of principal: Principal? = nil, losingSpans: Bool = false, recordedAt: Int64? = nil
    ) async throws {
        clock.set(recordedAt ?? Int64(run.startedAt / 1_000_000))
        let account = try (losingSpans ? losingRecorder : recorder).begin(for: principal ?? user)
        if run.outcome == .rejected {
            try await account.reject(run)
        } else {
            try await account.reserve(0).settle(run, body: nil)
        }
    }

    /// Stores a span that a client pushed, one second long.
    func push(
        trace: UInt64, start: UInt64, of principal: Principal? = nil, _ edit: (inout SpanStub) -> Void = { _ in }
    ) async throws {
        let span = SpanStub(trace: trace, span: 1).with { span in
            span.traceID = TraceID(high: 7, low: trace)
            span.start = start
            span.end = start + 1_000_000_000
            edit(&span)
        }
        try await store.append(
            SpanBatch(validating: requestStub([span]), tenant: TenantID((principal ?? user).userID)))
    }

    // MARK: Asking

    func get(_ path: String, as principal: Principal? = nil) async throws -> [String: Any] {
        let isList = !path.dropFirst().dropFirst("v1/traces".count).hasPrefix("/")
        let endpoint = try #require(routes.endpoints.first { $0.path.hasSuffix("{trace_id}") != isList })
        let parameters = isList ? [:] : ["trace_id": path.split(separator: "/").last.map(String.init) ?? ""]
        let request = APIRequest.stub(.get, path, principal: principal ?? user).with(parameters)
        let text = try await endpoint.prepare(request)().text()
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The traces of one page, each by the number that ends its id.
    func list(_ query: String = "", as principal: Principal? = nil) async throws -> [UInt64] {
        try items(await get("/v1/traces\(query)", as: principal)).map(\.number)
    }

    /// All pages, which follow each other by their cursors.
    func listAll(_ query: String, limit: Int) async throws -> [UInt64] {
        var all: [UInt64] = []
        var cursor = ""
        while true {
            let page = try await get("/v1/traces?limit=\(limit)\(query)\(cursor)")
            let numbers = try items(page).map(\.number)
            #expect(numbers.count <= limit)
            all += numbers
            guard let next = page["next_cursor"] as? String, all.count < 1_000 else { return all }
            #expect(numbers.count == limit)
            cursor = "&cursor=\(next)"
        }
    }

    private func items(_ page: [String: Any]) throws -> [(number: UInt64, item: [String: Any])] {
        try (try #require(page["items"] as? [[String: Any]])).map { item in
            let id = try #require((item["trace_id"] as? String).flatMap { TraceID(hex: $0) })
            return (id.low, item)
        }
    }

    static func path(_ number: UInt64) -> String { "/v1/traces/\(TraceID(high: 7, low: number).hex)" }
}

extension APIRequest {
    /// The same request, as the route table would hand it on.
    fileprivate func with(_ parameters: [String: String]) -> APIRequest {
        APIRequest(
            request: request, parameters: parameters, requestID: requestID, trace: trace, principal: principal,
            channel: channel)
    }
}

/// Runs a test with traces of its own.
func withTraces(_ test: (TraceFixture) async throws -> Void) async throws {
    try await withSpanStore { store in
        try await withAuditLog { database, audit in try await test(TraceFixture(database, store, audit)) }
    }
}

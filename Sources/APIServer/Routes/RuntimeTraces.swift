import Accounts
import OTLP
import TraceStore

/// Joins what is known of a user's traces: spans from the span store, runs from the ledger of runs.
///
/// Both name the same traces, since every run has spans. A trace whose spans are gone, or never came, is still listed
/// for its runs.
struct RuntimeTraces: Sendable {
    let store: any SpanStore
    let runs: RunStore
    let gatewaySpans: GatewaySpans

    /// How many runs are looked at for traces without spans between two traces of a page.
    private static let runsPerStep = 500
    private static let stepCountMax = 20
    /// A run is stored under the time of its reservation or its rejection, which may be so much later than its start.
    private static let storedLateMillisecondsMax: Int64 = 5_000

    struct Page {
        var traces: [RuntimeTrace]
        var next: TracePosition?
    }

    struct Query: Sendable {
        var spans: TraceQuery
        /// What runs must be like; nil if a trace must have spans of some kind, so that runs alone don't match.
        var runs: RunQuery?
        /// The one run whose trace is asked for.
        var runID: String?
        var userID: UserID
    }

    /// All spans of a trace and its runs; nil if there is neither.
    func trace(_ id: TraceID, of userID: UserID) async throws -> (trace: RuntimeTrace, spans: [StoredSpan])? {
        await gatewaySpans.flush()
        let spans = try await store.trace(id, of: TenantID(userID))
        let runs = try await runs.runs(ofTraces: [id.hex], of: userID)[id.hex]
        return RuntimeTrace(id, spans: spans.map(TraceSummary.init), runs: runs).map { ($0, spans?.spans ?? []) }
    }

    /// One page, latest start first.
    func list(_ query: Query) async throws -> Page {
        await gatewaySpans.flush()
        if let runID = query.runID { return try await page(ofRun: runID, query) }
        let found = try await store.search(query.spans)
        let orphans = try await tracesWithoutSpans(beside: found, query)
        let runs = try await runs.runs(ofTraces: found.traces.map(\.traceID.hex), of: query.userID)
        var traces = found.traces.compactMap { RuntimeTrace($0.traceID, spans: $0, runs: runs[$0.traceID.hex]) }
        guard !orphans.isEmpty else { return Page(traces: traces, next: found.next) }
        traces = (traces + orphans).sorted { TracePosition.isListedBefore($0.position, $1.position) }
        let limit = query.spans.limit
        guard traces.count > limit else { return Page(traces: traces, next: found.next) }
        return Page(traces: Array(traces.prefix(limit)), next: traces[limit - 1].position)
    }

    private func page(ofRun runID: String, _ query: Query) async throws -> Page {
        guard let run = try await runs.run(runID, of: query.userID),
            let id = run.usage.traceID.flatMap({ TraceID(hex: $0) }),
            let (trace, spans) = try await trace(id, of: query.userID)
        else { return Page(traces: []) }
        let filter = query.spans.filter
        let isListed =
            trace.startTimeUnixNano >= query.spans.start && trace.startTimeUnixNano < query.spans.end
            && query.spans.after.map { TracePosition.isListedBefore($0, trace.position) } ?? true
        let hasMatch = try filter.isEmpty || spans.contains { try filter.matches($0) }
        return Page(traces: isListed && hasMatch ? [trace] : [])
    }

    /// Traces of which only runs are known, among those that this page covers.
    private func tracesWithoutSpans(beside page: TracePage, _ query: Query) async throws -> [RuntimeTrace] {
        guard var runQuery = query.runs else { return [] }
        let last = page.next == nil ? query.spans.start : page.traces.last?.startTimeUnixNano ?? 0
        let first = min(query.spans.after?.startTimeUnixNano ?? .max, query.spans.end)
        runQuery.from = Int64(clamping: last / 1_000_000)
        runQuery.to = first == .max ? nil : Int64(clamping: first / 1_000_000) + Self.storedLateMillisecondsMax
        runQuery.limit = Self.runsPerStep
        var seen = Set(page.traces.map(\.traceID))
        var orphans: [RuntimeTrace] = []
        for _ in 0..<Self.stepCountMax where orphans.count < query.spans.limit {
            let runs = try await runs.list(runQuery)
            // A trace begins with its earliest run, so that later ones need no look.
            let earlyRuns = runs.filter { $0.startTimeUnixNano <= first }
            for id in earlyRuns.compactMap({ $0.usage.traceID.flatMap { TraceID(hex: $0) } })
            where seen.insert(id).inserted {
                guard try await store.trace(id, of: query.spans.tenant) == nil,
                    let trace = RuntimeTrace(
                        id, spans: nil, runs: try await self.runs.runs(ofTraces: [id.hex], of: query.userID)[id.hex]),
                    trace.startTimeUnixNano >= query.spans.start, trace.startTimeUnixNano < query.spans.end,
                    query.spans.after.map({ TracePosition.isListedBefore($0, trace.position) }) ?? true
                else { continue }
                orphans.append(trace)
            }
            guard runs.count == Self.runsPerStep, let oldest = runs.last else { break }
            runQuery.after = oldest.usage.position
        }
        return orphans
    }
}

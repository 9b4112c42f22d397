package import OTLP

/// Keeps spans and finds them again.
///
/// Every call names a tenant and sees that tenant's spans only.
package protocol SpanStore: Sendable {
    /// Stores a whole batch or nothing of it. When this returns, the spans survive kill -9 and power loss, and every
    /// later call sees them.
    func append(_ batch: SpanBatch) async throws(TraceStoreError)

    /// The trace with its spans, resends collapsed, oldest span first; `nil` when the tenant has no span of it.
    func trace(_ id: TraceID, of tenant: TenantID) async throws(TraceStoreError) -> Trace?

    /// One page of traces, latest start first; empty when nothing matches.
    func search(_ query: TraceQuery) async throws(TraceStoreError) -> TracePage

    /// Spans in order of trace id, then oldest first: those acknowledged before the call, each once, whatever is
    /// written meanwhile.
    func export(_ query: ExportQuery) async throws(TraceStoreError) -> any SpanExport

    func statistics() -> StoreStatistics
}

/// An export under way. For one reader at a time.
package protocol SpanExport: Sendable {
    /// The next traces with their matching spans, about `byteCount` bytes of them; `nil` at the end.
    func next(byteCount: Int) async throws(TraceStoreError) -> [ExportedTrace]?
}

/// Spans of one trace that an export's filters let through, oldest first; never empty.
package struct ExportedTrace: Sendable {
    package var spans: [ExportedSpan]

    package init(spans: [ExportedSpan]) {
        self.spans = spans
    }
}

/// A span and its place in the export, from which the next page can go on.
package struct ExportedSpan: Sendable {
    package var span: StoredSpan
    package var position: SpanPosition
}

/// What `/metrics` and `/health` tell of a store.
package struct StoreStatistics: Sendable {
    package var commits: CommitStatistics
    package var headSpans: Int
    package var headMemoryBytes: Int
    package var frozenHeads: Int
    package var blocks: Int
    package var blockSpans: Int
    package var blockBytes: Int
    package var sealFailures: Int
    /// Why the store refuses spans at the moment, or will soon; `nil` while all is well.
    package var failure: TraceStoreError?
    /// One line for each stored file found damaged.
    package var damage: [String]
}

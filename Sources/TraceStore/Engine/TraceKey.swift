import OTLP

/// A trace of one tenant: the key that heads and blocks are ordered and searched by.
struct TraceKey: Hashable, Comparable, Sendable {
    let tenant: TenantID
    let traceID: TraceID

    static func < (left: Self, right: Self) -> Bool {
        left.tenant == right.tenant ? left.traceID < right.traceID : left.tenant < right.tenant
    }

    /// The smallest and the largest key that a tenant can have.
    static func range(of tenant: TenantID) -> ClosedRange<TraceKey> {
        TraceKey(
            tenant: tenant, traceID: TraceID(high: 0, low: 0))...TraceKey(
                tenant: tenant, traceID: TraceID(high: .max, low: .max))
    }
}

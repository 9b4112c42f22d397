/// Who owns a span: the user behind the API key, as the 16 bytes of its UUID.
///
/// It is part of every key of the store, so that one trace id used by two tenants never meets.
package struct TenantID: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

import OTLP

/// Builds export requests for tests, always the same ones for the same seed.
struct RequestBuilder {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64. https://prng.di.unimi.it/splitmix64.c
    mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// One resource, one scope, `spanCount` spans with ten attributes each, as an instrumented web service sends them.
    mutating func request(spanCount: Int) -> [UInt8] {
        var writer = WireWriter()
        writer.message(1) { resourceSpans in
            resourceSpans.message(1) { resource in
                Self.attribute(1, "service.name", to: &resource) { $0.string(1, "checkout") }
                Self.attribute(1, "host.name", to: &resource) { $0.string(1, "host-17") }
            }
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) { scope in
                    scope.string(1, "io.example.http")
                    scope.string(2, "1.2.3")
                }
                for _ in 0..<spanCount {
                    scopeSpans.message(2) { span in writeSpan(to: &span) }
                }
            }
        }
        return writer.bytes
    }

    private mutating func id(_ first: UInt8, byteCount: Int) -> [UInt8] {
        [first] + (1..<byteCount).map { _ in UInt8(truncatingIfNeeded: random()) }
    }

    mutating func writeSpan(to span: inout WireWriter) {
        let start = 1_760_000_000_000_000_000 + random() % 1_000_000_000
        id(1, byteCount: 16).withBytes { span.content(1, $0) }
        id(2, byteCount: 8).withBytes { span.content(2, $0) }
        id(4, byteCount: 8).withBytes { span.content(4, $0) }
        span.string(5, "GET /api/items/{id}")
        span.varint(6, 1 + random() % 5)
        span.fixed64(7, start)
        span.fixed64(8, start + random() % 1_000_000)
        let status = 200 + random() % 300
        Self.attribute(9, "http.request.method", to: &span) { $0.string(1, "GET") }
        Self.attribute(9, "http.route", to: &span) { $0.string(1, "/api/items/{id}") }
        Self.attribute(9, "http.response.status_code", to: &span) { $0.varint(3, status) }
        Self.attribute(9, "url.scheme", to: &span) { $0.string(1, "https") }
        Self.attribute(9, "server.address", to: &span) { $0.string(1, "shop.example.com") }
        Self.attribute(9, "server.port", to: &span) { $0.varint(3, 443) }
        Self.attribute(9, "net.sampled", to: &span) { $0.varint(2, 1) }
        Self.attribute(9, "user.id", to: &span) { $0.string(1, "u-\(status)") }
        Self.attribute(9, "app.ratio", to: &span) { $0.double(4, Double(status) / 7) }
        Self.attribute(9, "app.tier", to: &span) { $0.string(1, "gold") }
        span.message(15) { $0.varint(3, status < 400 ? 1 : 2) }
        span.fixed32(16, 0x101)
    }

    static func attribute(
        _ number: UInt32, _ key: String, to writer: inout WireWriter, value: (inout WireWriter) -> Void
    ) {
        writer.message(number) { attribute in
            attribute.string(1, key)
            attribute.message(2) { value(&$0) }
        }
    }
}

import HTTPTypes
import OTLP

/// W3C Trace Context, level 1: where a request stands in its caller's trace.
///
/// https://www.w3.org/TR/trace-context-1/
struct TraceContext: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits, never all zero.
    var traceID: String
    /// The caller's span; `nil` when this request starts the trace.
    var parentSpanID: String?
    /// This request's own span.
    var spanID: String
    var flags: String
    /// The caller's `tracestate`, when it is well formed and there is a valid parent.
    var tracestate: String?

    private static let sampled = "01"

    /// Joins the caller's trace, or starts one when `traceparent` is missing, malformed or given twice.
    init(_ fields: HTTPFields, using generator: inout some RandomNumberGenerator) {
        let parents = fields[values: .traceparent]
        self.spanID = Self.randomHex(digits: 16, using: &generator)
        guard parents.count == 1, let parent = Parent(parents[0]) else {
            self.traceID = Self.randomHex(digits: 32, using: &generator)
            self.flags = Self.sampled
            return
        }
        self.traceID = parent.traceID
        self.parentSpanID = parent.spanID
        self.flags = parent.flags
        let states = fields[values: .tracestate]
        if !states.isEmpty { self.tracestate = Tracestate(states)?.text }
    }

    /// What this server sends back, and on to whomever it calls.
    var traceparent: String { "00-\(traceID)-\(spanID)-\(flags)" }

    private static func randomHex(digits: Int, using generator: inout some RandomNumberGenerator) -> String {
        while true {
            let text = (0..<digits / 16).map { _ in Hexadecimal.string(generator.next()) }.joined()
            // An id of zeros means "none".
            if text.utf8.contains(where: { $0 != UInt8(ascii: "0") }) { return text }
        }
    }

    /// https://www.w3.org/TR/trace-context-1/#traceparent-header-field-values
    private struct Parent {
        var traceID: String
        var spanID: String
        var flags: String

        init?(_ header: String) {
            let parts = header.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count >= 4, Self.isHex(parts[0], digits: 2), parts[0] != "ff",
                // Version 00 has exactly four parts; later versions may add some behind them.
                parts.count == 4 || parts[0] != "00",
                Self.isHex(parts[1], digits: 32), parts[1].contains(where: { $0 != "0" }),
                Self.isHex(parts[2], digits: 16), parts[2].contains(where: { $0 != "0" }),
                Self.isHex(parts[3], digits: 2)
            else { return nil }
            self.traceID = String(parts[1])
            self.spanID = String(parts[2])
            // Only the sampled flag is defined; the others must not be passed on.
            let bits = UInt8(parts[3], radix: 16) ?? 0
            self.flags = bits & 1 == 1 ? "01" : "00"
        }

        private static func isHex(_ text: Substring, digits: Int) -> Bool {
            text.utf8.count == digits
                && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
    }
}

/// https://www.w3.org/TR/trace-context-1/#tracestate-header
private struct Tracestate {
    static let membersMax = 32
    static let charactersMax = 512

    let text: String

    /// `nil` when any member is malformed, a key comes twice, or there are too many.
    init?(_ headers: [String]) {
        let joined = headers.joined(separator: ",")
        let members = joined.split(separator: ",").map { $0.trimmingOptionalWhitespace() }.filter { !$0.isEmpty }
        guard !members.isEmpty, members.count <= Self.membersMax, joined.utf8.count <= Self.charactersMax else {
            return nil
        }
        var keys = Set<Substring>()
        for member in members {
            guard let equals = member.firstIndex(of: "="), keys.insert(member[..<equals]).inserted,
                Self.isKey(member[..<equals]), Self.isValue(member[member.index(after: equals)...])
            else { return nil }
        }
        self.text = members.joined(separator: ",")
    }

    private static func isKey(_ key: Substring) -> Bool {
        let parts = key.split(separator: "@", omittingEmptySubsequences: false)
        switch parts.count {
        case 1:
            return isName(parts[0], lengthMax: 256, mayStartWithDigit: false)
        case 2:
            return isName(parts[0], lengthMax: 241, mayStartWithDigit: true)
                && isName(parts[1], lengthMax: 14, mayStartWithDigit: false)
        default:
            return false
        }
    }

    private static func isName(_ name: Substring, lengthMax: Int, mayStartWithDigit: Bool) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= lengthMax else { return false }
        let isLetter = (0x61...0x7A).contains(first)
        let isDigit = (0x30...0x39).contains(first)
        return (isLetter || (mayStartWithDigit && isDigit))
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "_-*/".utf8.contains($0)
            }
    }

    private static func isValue(_ value: Substring) -> Bool {
        guard let last = value.utf8.last, value.utf8.count <= 256, last != 0x20 else { return false }
        return value.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }
}

extension Substring {
    /// Without the spaces and tabs around it (RFC 9110, OWS).
    func trimmingOptionalWhitespace() -> Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return self[first...last]
    }
}

extension HTTPField.Name {
    // The names are tokens, so the initializer can't fail; the fallbacks keep the compiler from having to know.
    static let requestID = Self("X-Request-Id") ?? .from
    static let shouldRetry = Self("x-should-retry") ?? .from
    static let internalToken = Self("X-BatchIn-Internal-Token") ?? .from
}

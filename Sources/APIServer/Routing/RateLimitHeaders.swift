import Accounts
import HTTPTypes

/// How a key stands with its limit, as OpenAI's API says it in its headers.
///
/// https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
extension HTTPFields {
    mutating func setRateLimit(_ verdict: RateLimitVerdict) {
        self[.rateLimit] = String(verdict.limit)
        self[.rateLimitRemaining] = String(verdict.remaining)
        self[.rateLimitReset] = Self.duration(milliseconds: verdict.resetMilliseconds)
    }

    /// `120ms`, `1s`, `8.64s`, `6m0s`, `1h0m0s`.
    static func duration(milliseconds: Int64) -> String {
        guard milliseconds >= 1000 || milliseconds == 0 else { return "\(milliseconds)ms" }
        let minutes = milliseconds / 60_000
        let seconds = "\(milliseconds / 1000 % 60)\(fraction(milliseconds: milliseconds % 1000))s"
        if minutes == 0 { return seconds }
        return minutes < 60 ? "\(minutes)m\(seconds)" : "\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func fraction(milliseconds: Int64) -> String {
        guard milliseconds > 0 else { return "" }
        var digits = String(milliseconds)
        digits = String(repeating: "0", count: 3 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return ".\(digits)"
    }
}

extension HTTPField.Name {
    // Tokens, so the initializer can't fail.
    static let rateLimit = Self("x-ratelimit-limit-requests") ?? .from
    static let rateLimitRemaining = Self("x-ratelimit-remaining-requests") ?? .from
    static let rateLimitReset = Self("x-ratelimit-reset-requests") ?? .from
}

import Accounts
import HTTPTypes
import Hummingbird
import OTLP

extension Response {
    /// An answer that holds a secret, which nothing on its way may keep.
    init(secretJSON writer: JSONWriter, status: HTTPResponse.Status = .ok) {
        self.init(json: writer, status: status)
        headers[.cacheControl] = "no-store"
    }
}

extension JSONWriter {
    /// - Parameter milliseconds: Since 1970-01-01 00:00 UTC, not negative.
    mutating func time(milliseconds: Int64) {
        let text = RFC3339.text(unixNano: UInt64(max(0, milliseconds)) * 1_000_000)
        // Nine digits of which the last six are zeros.
        string(text.replacing("000000Z", with: "Z"))
    }

    mutating func timeOrNull(milliseconds: Int64?) {
        if let milliseconds { time(milliseconds: milliseconds) } else { null() }
    }

    mutating func integerOrNull(_ value: (some FixedWidthInteger)?) {
        if let value { integer(value) } else { null() }
    }

    /// The members of a key that its maker and the list show.
    mutating func keyMembers(_ record: APIKeyRecord) {
        key("key_prefix")
        string(record.prefix)
        key("name")
        stringOrNull(record.name.isEmpty ? nil : record.name)
        key("rate_limit_rpm")
        integerOrNull(record.rateLimitPerMinute)
        key("monthly_budget_cents")
        integerOrNull(record.monthlyBudgetCents)
        key("created_at")
        time(milliseconds: record.createdAt)
        key("expires_at")
        timeOrNull(milliseconds: record.expiresAt)
        key("scopes")
        beginArray()
        for scope in Scope.allCases where record.scopes.contains(scope) { string(scope.rawValue) }
        endArray()
    }
}

import Accounts
import Database
import OTLP

extension UsageFilter {
    /// Reads the parameters that the usage endpoints share.
    init(_ parameters: QueryParameters, of principal: Principal) throws(APIError) {
        self.init(
            userID: principal.userID,
            keyID: try parameters.keyID("key_id"),
            model: try parameters.text("model"),
            runID: try parameters.runID("run_id"),
            traceID: try parameters.traceID("trace_id")?.hex,
            from: try parameters.unixMillisecond("from"),
            to: try parameters.unixMillisecond("to"))
    }
}

extension QueryParameters {
    /// The id of a key. Any UUID will do: one that can't be a key's gives the id of no key.
    fileprivate func keyID(_ name: String) throws(APIError) -> UUIDv7? {
        guard let text = try value(name) else { return nil }
        if let id = UUIDv7(text) { return id }
        var version7 = Array(text.utf8)
        if version7.count == 36 { (version7[14], version7[19]) = (UInt8(ascii: "7"), UInt8(ascii: "8")) }
        guard UUIDv7(String(decoding: version7, as: UTF8.self)) != nil else {
            throw APIError(.invalidRequest, "\(name) must be a UUID", parameter: name)
        }
        return UUIDv7("00000000-0000-7000-8000-000000000000")
    }

    /// Text without NUL, which a database can't look for.
    func text(_ name: String) throws(APIError) -> String? {
        let text = try value(name)
        guard text?.utf8.contains(0) != true else {
            throw APIError(.invalidRequest, "\(name) must not contain NUL", parameter: name)
        }
        return text
    }

    /// The first whole millisecond that is not before the time given.
    fileprivate func unixMillisecond(_ name: String) throws(APIError) -> Int64? {
        try unixNano(name).map { Int64($0 / 1_000_000) + ($0 % 1_000_000 == 0 ? 0 : 1) }
    }
}

extension UsagePosition {
    /// The position as an opaque token.
    var cursor: String { "\(createdAt).\(id)" }

    /// - Throws: `invalidRequest` for text that is no such token.
    init(cursor: String) throws(APIError) {
        let parts = cursor.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let createdAt = Int64(parts[0]), let id = UUIDv7(String(parts[1])) else {
            throw APIError.unknownCursor
        }
        self.init(createdAt: createdAt, id: id)
    }
}

extension APIError {
    /// The totals ride along: whoever is refused wants to know them most.
    static func budgetSpent(_ totals: UsageTotals) -> APIError {
        var error = APIError(
            .paymentRequired, "this key has spent its budget for the month",
            hint: "Raise the budget or use another key; ignore_budget=1 answers all the same.")
        error.members = [
            Member(name: "total_requests", value: .integer(totals.requests)),
            Member(name: "total_input_tokens", value: .integer(totals.inputTokens)),
            Member(name: "total_output_tokens", value: .integer(totals.outputTokens)),
            Member(name: "total_cost_cents", value: .integer(totals.costCents)),
            Member(name: "total_cost_usd", value: .text(totals.cost.decimalText)),
        ]
        return error
    }
}

extension JSONWriter {
    mutating func usageRow(_ row: UsageRow) {
        beginObject()
        key("id")
        string(row.id.description)
        key("model")
        string(row.model)
        key("input_tokens")
        integer(row.inputTokens)
        key("output_tokens")
        integer(row.outputTokens)
        key("cost_cents")
        integer(row.costCents)
        key("cost_usd")
        string(row.cost.decimalText)
        key("run_id")
        string(row.runID)
        key("trace_id")
        stringOrNull(row.traceID)
        key("key_id")
        stringOrNull(row.keyID?.description)
        key("created_at")
        time(milliseconds: row.createdAt)
        key("status")
        string(row.outcome.rawValue)
        endObject()
    }

    mutating func usageTotals(_ totals: UsageTotals) {
        key("total_requests")
        integer(totals.requests)
        key("total_input_tokens")
        integer(totals.inputTokens)
        key("total_output_tokens")
        integer(totals.outputTokens)
        key("total_cost_cents")
        integer(totals.costCents)
        key("total_cost_usd")
        string(totals.cost.decimalText)
    }

    mutating func usageGroup(_ group: UsageGroup, _ grouping: UsageGrouping) {
        beginObject()
        switch grouping {
        case .key: key("key_id")
        case .day: key("day")
        case .model: key("model")
        }
        stringOrNull(group.name)
        usageTotals(group.totals)
        endObject()
    }
}

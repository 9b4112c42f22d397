/// What only the owner of a record and an auditor see, as far as it is known before the record's place in the chain of
/// its tenant is.
package struct RecordDetails: Equatable, Sendable {
    /// Counts of tokens; those of the last two are named only where there are any.
    package struct Usage: Equatable, Sendable {
        package var inputTokens: Int64
        package var outputTokens: Int64
        package var cachedTokens: Int64
        package var reasoningTokens: Int64

        package init(inputTokens: Int64, outputTokens: Int64, cachedTokens: Int64 = 0, reasoningTokens: Int64 = 0) {
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.cachedTokens = cachedTokens
            self.reasoningTokens = reasoningTokens
        }
    }

    /// What the run cost, in billionths of a unit of the currency.
    package struct Cost: Equatable, Sendable {
        package var currency: String
        package var nanos: Int64

        package init(currency: String, nanos: Int64) {
            self.currency = currency
            self.nanos = nanos
        }
    }

    /// How many requests were refused, without a record of their own, since the record before.
    package struct Refused: Equatable, Sendable {
        /// For want of a key (401).
        package var unauthorized: Int64
        /// For exceeding a rate (429).
        package var rateLimited: Int64

        package init(unauthorized: Int64, rateLimited: Int64) {
            self.unauthorized = unauthorized
            self.rateLimited = rateLimited
        }
    }

    package var tenant: String
    package var usage: Usage?
    package var cost: Cost?
    package var energyInputs: JSONObject?
    package var claims: JSONObject?
    package var requestByteCount: Int64?
    package var responseByteCount: Int64?
    package var refused: Refused?

    package init(
        tenant: String, usage: Usage? = nil, cost: Cost? = nil, energyInputs: JSONObject? = nil,
        claims: JSONObject? = nil, requestByteCount: Int64? = nil, responseByteCount: Int64? = nil,
        refused: Refused? = nil
    ) {
        self.tenant = tenant
        self.usage = usage
        self.cost = cost
        self.energyInputs = energyInputs
        self.claims = claims
        self.requestByteCount = requestByteCount
        self.responseByteCount = responseByteCount
        self.refused = refused
    }
}

// MARK: - Checking

extension RecordDetails {
    /// The largest number that fits into 18 digits, as counts in text have them.
    static let countMax: Int64 = 999_999_999_999_999_999

    /// How deep the free members may be: they stand in the details, which stand in an opening of a pack.
    private static let depthMax = JSONParser.depthMax - 8

    /// By the rules that details are read by.
    ///
    /// - Throws: `invalidShape`.
    func check() throws(AuditError) {
        try TextRule.nonEmpty.check(tenant, "tenant")
        if let usage {
            try Self.check(usage.inputTokens, JSONValue.integerMax, "input_tokens")
            try Self.check(usage.outputTokens, JSONValue.integerMax, "output_tokens")
            try Self.check(usage.cachedTokens, JSONValue.integerMax, "cached_tokens")
            try Self.check(usage.reasoningTokens, JSONValue.integerMax, "reasoning_tokens")
        }
        if let cost {
            try TextRule.nonEmpty.check(cost.currency, "currency")
            try Self.check(cost.nanos, Self.countMax, "nanos")
        }
        if let energyInputs { try Self.check(energyInputs, depth: 1) }
        if let claims { try Self.check(claims, depth: 1) }
        if let requestByteCount { try Self.check(requestByteCount, Self.countMax, "request_bytes") }
        if let responseByteCount { try Self.check(responseByteCount, Self.countMax, "response_bytes") }
        if let refused {
            try Self.check(refused.unauthorized, JSONValue.integerMax, "401")
            try Self.check(refused.rateLimited, JSONValue.integerMax, "429")
        }
    }

    private static func check(_ count: Int64, _ maximum: Int64, _ member: String) throws(AuditError) {
        guard (0...maximum).contains(count) else { throw AuditError(.invalidShape, "\(member) is not a count") }
    }

    private static func check(_ object: JSONObject, depth: Int) throws(AuditError) {
        for member in object.members { try check(member.value, depth: depth) }
    }

    private static func check(_ value: JSONValue, depth: Int) throws(AuditError) {
        guard depth < depthMax else { throw AuditError(.invalidShape, "details are too deep") }
        switch value {
        case .null: throw AuditError(.invalidShape, "details hold a null")
        case .integer(let value):
            guard value.magnitude <= JSONValue.integerMax else {
                throw AuditError(.invalidShape, "details hold an integer of 2^53 or larger")
            }
        case .array(let elements):
            for element in elements { try check(element, depth: depth + 1) }
        case .object(let object): try check(object, depth: depth + 1)
        case .bool, .string: break
        }
    }
}

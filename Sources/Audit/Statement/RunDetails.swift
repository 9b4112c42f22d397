/// What only the owner of a run and an auditor see: an object to which the statement holds a salted commitment.
package struct RunDetails: Equatable, Sendable {
    package let json: JSONObject

    /// Takes an object that has the shape that the format lays down.
    ///
    /// - Throws: `invalidShape`.
    package init(_ json: JSONValue) throws(AuditError) {
        let members = try ClosedObject(
            json, "details", required: ["tenant", "tenant_seq", "prev_receipt", "received_at", "completed_at"],
            optional: [
                "usage", "cost", "energy_inputs", "claims", "policy", "request_bytes", "response_bytes",
                "clock_anomaly", "refused",
            ])
        _ = try members.string("tenant", .nonEmpty)
        _ = try members.string("tenant_seq", .count)
        _ = try members.string("prev_receipt", .digest)
        _ = try members.string("received_at", .time)
        _ = try members.string("completed_at", .time)
        for member in ["request_bytes", "response_bytes"] where members.object[member] != nil {
            _ = try members.string(member, .count)
        }
        if let usage = members.object["usage"] { try Self.check(usage: usage) }
        if let cost = members.object["cost"] { try Self.check(cost: cost) }
        if let refused = members.object["refused"] { try Self.check(refused: refused) }
        guard !Self.holdsNull(json) else { throw AuditError(.invalidShape, "details hold a null") }
        self.json = members.object
    }

    /// The bytes that the commitment is about.
    package var value: [UInt8] { CanonicalJSON.encode(json) }

    private static func check(usage: JSONValue) throws(AuditError) {
        guard let object = usage.object, object["input_tokens"] != nil, object["output_tokens"] != nil,
            object.members.allSatisfy({ ($0.value.integer ?? -1) >= 0 })
        else { throw AuditError(.invalidShape, "usage of details is not counts of tokens") }
    }

    private static func check(cost: JSONValue) throws(AuditError) {
        let members = try ClosedObject(cost, "cost", required: ["currency", "nanos"])
        _ = try members.string("currency", .nonEmpty)
        _ = try members.string("nanos", .count)
    }

    private static func check(refused: JSONValue) throws(AuditError) {
        let members = try ClosedObject(refused, "refused", required: ["401", "429"])
        for member in members.object.members where (member.value.integer ?? -1) < 0 {
            throw members.shapeError(member.name, "a count")
        }
    }

    private static func holdsNull(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .array(let elements): elements.contains(where: holdsNull)
        case .object(let object): object.members.contains { holdsNull($0.value) }
        default: false
        }
    }
}

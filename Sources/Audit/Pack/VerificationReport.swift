/// What verifying a pack came to: every check by its name, and what they mean together.
package struct VerificationReport: Equatable, Sendable {
    package enum CheckName: String, CaseIterable, Sendable {
        case format
        case canonical
        case projection
        case signature
        case keyTrusted = "key_trusted"
        case keyActiveAtIndex = "key_active_at_index"
        case leaf
        case inclusion
        case checkpointSignature = "checkpoint_signature"
        case witnessQuorum = "witness_quorum"
        case timestamp
        case consistencyWithPinned = "consistency_with_pinned"
        case openings
        case notErased = "not_erased"
    }

    package enum CheckStatus: String, Sendable {
        case pass
        case fail
        /// The pack has nothing of the kind, and needs nothing.
        case notPresent = "not_present"
        /// It could not be looked at.
        case notChecked = "not_checked"
    }

    package struct Check: Equatable, Sendable {
        package let name: CheckName
        package let status: CheckStatus
        /// Why, in words. It repeats nothing of the pack's own text.
        package let note: String?
    }

    package enum Status: String, Sendable {
        case valid
        case validUnwitnessed = "valid_unwitnessed"
        /// Nothing is wrong with it, but somebody else may have had the key.
        case suspect
        case invalid
    }

    /// Nil if the pack doesn't say it in a readable way.
    package let recordID: RecordID?
    package let status: Status
    /// All of them, in the order of their names.
    package let checks: [Check]

    package var isValid: Bool { status == .valid || status == .validUnwitnessed }

    package subscript(name: CheckName) -> CheckStatus {
        checks.first { $0.name == name }?.status ?? .notChecked
    }

    package var json: JSONObject {
        [
            "audit_id": recordID.map { .string($0.auditText) } ?? .null,
            "record_id": recordID.map { .string($0.recordText) } ?? .null, "valid": .bool(isValid),
            "status": .string(status.rawValue),
            "checks": .array(
                checks.map { check in
                    var row: JSONObject = [
                        "name": .string(check.name.rawValue), "status": .string(check.status.rawValue),
                    ]
                    row["note"] = check.note.map(JSONValue.string)
                    return .object(row)
                }),
        ]
    }
}

import Audit
import AuditLog
import OTLP
import Sodium

/// A record as the flat shapes show it. All of it follows from what is signed.
struct RecordObject {
    let recordID: RecordID
    let inputHash: SHA256Digest?
    let outputHash: SHA256Digest?
    let energy: EnergyEstimate.Flat
    let signature: Ed25519Signature
}

extension RecordObject {
    init(_ record: StoredRecord, _ statement: RunStatement) {
        self.init(
            recordID: record.recordID, inputHash: statement.commitments[.input],
            outputHash: statement.commitments[.output], energy: statement.energy.flat, signature: record.signature)
    }
}

extension JSONWriter {
    /// The members that every view of a record has.
    mutating func flatMembers(_ record: RecordObject) {
        key("audit_id")
        string(record.recordID.auditText)
        key("input_hash")
        string(record.inputHash?.hexadecimal ?? "")
        key("output_hash")
        string(record.outputHash?.hexadecimal ?? "")
        key("carbon_grams_co2e")
        numberOrNull(record.energy.carbonGrams)
        key("energy_wh")
        numberOrNull(record.energy.energyWattHours)
        key("energy_source")
        stringOrNull(record.energy.energySource)
        key("carbon_offset_vs_us_cloud")
        numberOrNull(record.energy.carbonDifferenceGrams)
        key("signature")
        string(String(FlatProjection.text(of: record.signature).dropFirst("ed25519:".count)))
    }

    mutating func publicMembers(_ statement: RunStatement) {
        let observation = statement.observation
        key("record_id")
        string(statement.recordID.recordText)
        key("hash_mode")
        string(observation.hashMode)
        key("observation")
        string(observation.rawValue)
        key("evidence_level")
        string(observation.evidenceLevel)
        key("outcome")
        string(statement.outcome.rawValue)
    }

    /// The plain SHA-256 of input and output.
    mutating func ownerMembers(_ record: StoredRecord, _ statement: RunStatement) {
        key("input_sha256")
        stringOrNull(record.valueDigest(.input, of: statement)?.hexadecimal)
        key("output_sha256")
        stringOrNull(record.valueDigest(.output, of: statement)?.hexadecimal)
    }

    private mutating func numberOrNull(_ value: Double?) {
        if let value { double(value) } else { null() }
    }
}

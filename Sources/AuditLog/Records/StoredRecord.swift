package import Audit
import Database
package import Sodium

/// A record as it is stored.
package struct StoredRecord: Sendable {
    package let leafIndex: UInt64
    package let recordID: RecordID
    /// The user's id.
    package let tenant: String
    package let sequence: Int64
    /// What is signed.
    package let payload: [UInt8]
    package let signature: Ed25519Signature
    /// What the statement commits to without showing it, in canonical JSON.
    package let details: [UInt8]
    let key: RecordKey
    let valueDigests: [SHA256Digest]

    static let columns: SQL = """
        leaf_index, record_id, tenant, tenant_seq, statement, signature, details, record_key, value_digests
        """

    static let insertion = SQL.template("INSERT INTO audit_records (\(columns)) VALUES (\(SQL.parameters(9)))")

    /// - Throws: `corrupt` if a value is of another length than it was.
    init(row: Row) throws(DatabaseError) {
        leafIndex = try row.decode("leaf_index", as: UInt64.self)
        tenant = try row.decode("tenant", as: String.self)
        sequence = try row.decode("tenant_seq", as: Int64.self)
        payload = try row.decode("statement", as: [UInt8].self)
        details = try row.decode("details", as: [UInt8].self)
        guard let recordID = RecordID(bytes: try row.decode("record_id", as: [UInt8].self)),
            let signature = Ed25519Signature(bytes: try row.decode("signature", as: [UInt8].self)),
            let key = RecordKey(bytes: try row.decode("record_key", as: [UInt8].self)),
            let digests = RecordDigests.stored(try row.decode("value_digests", as: [UInt8].self))
        else { throw StoredLog.damage("the record of leaf \(leafIndex) has a value of another length") }
        self.recordID = recordID
        self.signature = signature
        self.key = key
        valueDigests = digests
    }

    /// - Returns: nil if there is no record with this id.
    static func find(_ id: RecordID, _ connection: Connection) throws(DatabaseError) -> StoredRecord? {
        try connection.queryOne(query.binding([id.bytes.sqlValue]))
            .map { row throws(DatabaseError) in try StoredRecord(row: row) }
    }

    private static let query = SQL.template(
        "SELECT \(columns) FROM audit_records WHERE record_id = \(SQL.parameters(1))")

    /// The statement, parsed.
    ///
    /// - Throws: `inconsistent`.
    package func statement() throws(AuditLogError) -> RunStatement {
        do {
            return try RunStatement(try JSONParser.parse(payload))
        } catch {
            throw AuditLogError(.inconsistent, "the statement of leaf \(leafIndex) is not one: \(error)")
        }
    }

    /// The details, parsed.
    ///
    /// - Throws: `inconsistent`.
    package func parsedDetails() throws(AuditLogError) -> Audit.RunDetails {
        do {
            return try Audit.RunDetails(try JSONParser.parse(details))
        } catch {
            throw AuditLogError(.inconsistent, "the details of leaf \(leafIndex) are not what they were: \(error)")
        }
    }

    /// The SHA-256 of a value that the statement commits to; nil if it commits to no such value.
    package func valueDigest(_ field: CommitmentField, of statement: RunStatement) -> SHA256Digest? {
        let fields = CommitmentField.allCases.filter { $0 != .details && statement.commitments[$0] != nil }
        guard let place = fields.firstIndex(of: field), fields.count == valueDigests.count else { return nil }
        return valueDigests[place]
    }

    /// What opens every commitment of the statement that can be opened.
    ///
    /// - Throws: `inconsistent`.
    package func openings(of statement: RunStatement) throws(AuditLogError) -> [Opening] {
        let details = Opening(details: try parsedDetails(), salt: key.salt(for: .details))
        guard statement.observation == .gatewayObserved else { return [details] }
        return [details]
            + CommitmentField.allCases.compactMap { field in
                valueDigest(field, of: statement).map {
                    Opening(field: field, salt: key.salt(for: field), valueDigest: $0)
                }
            }
    }
}

extension RecordDigests {
    /// In the order of the fields' names.
    var stored: [UInt8] {
        [input, output, promptTemplate, requestWire, responseWire].compactMap(\.self).flatMap(\.bytes)
    }

    static func stored(_ bytes: [UInt8]) -> [SHA256Digest]? {
        guard bytes.count.isMultiple(of: SHA256Digest.byteCount) else { return nil }
        return stride(from: 0, to: bytes.count, by: SHA256Digest.byteCount).compactMap { start in
            SHA256Digest(bytes: Array(bytes[start..<start + SHA256Digest.byteCount]))
        }
    }
}

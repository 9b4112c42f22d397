import Audit
import Database
import Sodium

/// The last record of a tenant, which the next one names.
struct ReceiptChainEnd: Sendable {
    let sequence: Int64
    let receipt: SHA256Digest

    static func read(_ tenant: String, _ connection: Connection) throws(DatabaseError) -> ReceiptChainEnd {
        guard let row = try connection.queryOne(query.binding([tenant.sqlValue])) else {
            return ReceiptChainEnd(sequence: 0, receipt: ReceiptChain.startDigest)
        }
        guard let signature = Ed25519Signature(bytes: try row.decode("signature", as: [UInt8].self)) else {
            throw StoredLog.damage("a stored signature is not one")
        }
        return ReceiptChainEnd(
            sequence: try row.decode("tenant_seq", as: Int64.self), receipt: ReceiptChain.digest(after: signature))
    }

    private static let query = SQL.template(
        """
        SELECT tenant_seq, signature FROM audit_records WHERE tenant = \(SQL.parameters(1))
        ORDER BY tenant_seq DESC LIMIT 1
        """)
}

extension AuditLog.WritingState {
    /// More tenants are not remembered.
    private static let chainEndCountMax = 4096

    /// The end of a tenant's chain. Nobody else has appended since it was remembered, or the state would not be in use.
    func chainEnd(of tenant: String, _ connection: Connection) throws(DatabaseError) -> ReceiptChainEnd {
        if let end = chainEnds[tenant] { return end }
        return try ReceiptChainEnd.read(tenant, connection)
    }

    mutating func setChainEnd(of tenant: String, _ end: ReceiptChainEnd) {
        if chainEnds.count >= Self.chainEndCountMax { chainEnds.removeAll(keepingCapacity: true) }
        chainEnds[tenant] = end
    }
}

import Audit
import AuditLog
import Sodium
import Testing

@testable import APIServer

struct RunReceiptTests {
    @Test func `a receipt is text through and through, written as in the evidence`() throws {
        let receipt = Receipt(
            recordID: try #require(RecordID(bytes: [UInt8](repeating: 1, count: 16))),
            signature: try #require(Ed25519Signature(bytes: [UInt8](repeating: 2, count: 64))),
            publicKey: try #require(Ed25519PublicKey(bytes: [UInt8](repeating: 3, count: 32))), sequence: 4,
            previousReceipt: try #require(SHA256Digest(bytes: [UInt8](repeating: 5, count: 32))), leafIndex: 6)
        let written = RunReceipt(receipt, bodyByteCount: 7)
        let json =
            #"{"record_id":"vaas_\#(String(repeating: "01", count: 16))","#
            + #""signature":"ed25519:\#(String(repeating: "02", count: 64))","#
            + #""public_key":"ed25519:pk_\#(String(repeating: "03", count: 32))","tenant_seq":"4","#
            + #""prev_receipt":"\#(String(repeating: "05", count: 32))","log_index":"6","body_bytes":"7"}"#
        #expect(String(decoding: written.json, as: UTF8.self) == json)
        #expect(String(decoding: written.comment, as: UTF8.self) == "vaas \(json)")
    }
}

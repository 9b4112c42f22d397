import Audit
import AuditLog
import OTLP

/// What the end of a stream says of its run's record: the receipt, as text through and through.
struct RunReceipt {
    let json: [UInt8]

    /// - Parameter bodyByteCount: How much of the body is before the event that is the first to carry the receipt.
    init(_ receipt: Receipt, bodyByteCount: Int) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("record_id")
        writer.string(receipt.recordID.recordText)
        writer.key("signature")
        writer.string(receipt.signatureText)
        writer.key("public_key")
        writer.string(receipt.publicKeyText)
        writer.key("tenant_seq")
        writer.string(String(receipt.sequence))
        writer.key("prev_receipt")
        writer.string(receipt.previousReceipt.hexadecimal)
        writer.key("log_index")
        writer.string(String(receipt.leafIndex))
        writer.key("body_bytes")
        writer.string(String(bodyByteCount))
        writer.endObject()
        json = writer.bytes
    }

    /// One line of a comment, for readers who look for it.
    var comment: [UInt8] { Array("vaas ".utf8) + json }
}

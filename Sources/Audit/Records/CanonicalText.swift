/// Canonical JSON that is written member by member, by someone who knows the members' order.
struct CanonicalText {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Punctuation and names.
    mutating func raw(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Text that is known to need no escapes.
    mutating func plain(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// JSON that was written before.
    mutating func json(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    /// Any text, in quotes.
    mutating func string(_ text: String) { CanonicalJSON.append(text, to: &bytes) }

    mutating func integer(_ value: Int64) { CanonicalJSON.append(value, to: &bytes) }

    mutating func object(_ object: JSONObject) { CanonicalJSON.append(object, to: &bytes) }

    mutating func hexadecimal(_ digest: SHA256Digest) { digest.withSpan { Hexadecimal.append($0, to: &bytes) } }

    mutating func hexadecimal(_ value: [UInt8]) { Hexadecimal.append(value.span, to: &bytes) }

    mutating func time(_ time: AuditTime) { time.append(to: &bytes) }

    mutating func auditText(of id: RecordID) { id.appendAuditText(to: &bytes) }

    mutating func recordText(of id: RecordID) { id.appendRecordText(to: &bytes) }

    /// Leaves room for a digest's digits; returns where it begins.
    mutating func gap() -> Int {
        bytes.append(contentsOf: repeatElement(0, count: 2 * SHA256Digest.byteCount))
        return bytes.count - 2 * SHA256Digest.byteCount
    }
}

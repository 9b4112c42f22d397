/// The name of a record: 128 random bits, written in two ways.
package struct RecordID: Hashable, Sendable {
    private static let prefix = "vaas_"

    private let digits: String

    /// The id of 16 bytes, which are random.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        digits = Hexadecimal.encode(bytes)
    }

    /// The 16 bytes.
    package var bytes: [UInt8] { Hexadecimal.decode(digits) ?? [] }

    /// Reads either way of writing; nil if the text is neither.
    package init?(text: String) {
        let plain =
            text.utf8.starts(with: Self.prefix.utf8)
            ? Array(text.utf8.dropFirst(Self.prefix.utf8.count)) : Array(text.utf8.filter { $0 != UInt8(ascii: "-") })
        guard let bytes = Hexadecimal.decode(String(decoding: plain, as: UTF8.self)), let id = RecordID(bytes: bytes),
            text.utf8.elementsEqual(id.recordText.utf8) || text.utf8.elementsEqual(id.auditText.utf8)
        else { return nil }
        self = id
    }

    /// `vaas_` and 32 hexadecimal digits.
    package var recordText: String { Self.prefix + digits }

    /// The same digits as a UUID.
    package var auditText: String {
        var text: [UInt8] = []
        appendAuditText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `recordText` in UTF-8.
    func appendRecordText(to text: inout [UInt8]) {
        text.append(contentsOf: Self.prefix.utf8)
        text.append(contentsOf: digits.utf8)
    }

    /// Appends `auditText` in UTF-8.
    func appendAuditText(to text: inout [UInt8]) {
        let digits = digits.utf8.span
        text.append(addingCapacity: 36) { text in
            for index in digits.indices {
                if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
                text.append(digits[index])
            }
        }
    }
}

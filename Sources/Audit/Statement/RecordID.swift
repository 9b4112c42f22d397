/// The name of a record: 128 random bits, written in two ways.
package struct RecordID: Hashable, Sendable {
    private let digits: String

    /// The id of 16 bytes, which are random.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        digits = Hexadecimal.encode(bytes)
    }

    /// Reads either way of writing; nil if the text is neither.
    package init?(text: String) {
        let plain =
            text.utf8.starts(with: "vaas_".utf8)
            ? Array(text.utf8.dropFirst(5)) : Array(text.utf8.filter { $0 != UInt8(ascii: "-") })
        guard let bytes = Hexadecimal.decode(String(decoding: plain, as: UTF8.self)), let id = RecordID(bytes: bytes),
            text.utf8.elementsEqual(id.recordText.utf8) || text.utf8.elementsEqual(id.auditText.utf8)
        else { return nil }
        self = id
    }

    /// `vaas_` and 32 hexadecimal digits.
    package var recordText: String { "vaas_" + digits }

    /// The same digits as a UUID.
    package var auditText: String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}

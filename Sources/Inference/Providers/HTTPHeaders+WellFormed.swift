import NIOHTTP1

extension HTTPHeaders {
    /// Whether these can be sent without anything in them being taken for something else, such as the end of a line.
    /// https://www.rfc-editor.org/rfc/rfc9110#section-5
    var areWellFormed: Bool {
        allSatisfy { name, value in
            !name.isEmpty && name.utf8.allSatisfy(Self.isToken) && value.utf8.allSatisfy(Self.isText)
        }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: "!#$%&'*+.^`|~".utf8.contains(byte)
        }
    }

    private static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
    }
}

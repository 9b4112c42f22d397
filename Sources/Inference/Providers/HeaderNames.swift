/// A set of header names, for looking names up often: in any case, and without copying them.
struct HeaderNames: Sendable, ExpressibleByArrayLiteral {
    /// In lower case, by their lengths.
    private var namesByLength: [[[UInt8]]] = []

    init(_ names: some Sequence<String>) {
        for name in names {
            let bytes = name.utf8.map(Self.lowercased)
            while namesByLength.count <= bytes.count { namesByLength.append([]) }
            namesByLength[bytes.count].append(bytes)
        }
    }

    init(arrayLiteral names: String...) {
        self.init(names)
    }

    func contains(_ name: String) -> Bool {
        let bytes = name.utf8.span
        guard bytes.count < namesByLength.count else { return false }
        return namesByLength[bytes.count].contains { Self.matches($0, in: bytes, at: 0) }
    }

    /// Whether a name begins with one of these.
    func containsPrefix(of name: String) -> Bool {
        let bytes = name.utf8.span
        for names in namesByLength.prefix(bytes.count + 1) {
            if names.contains(where: { Self.matches($0, in: bytes, at: 0) }) { return true }
        }
        return false
    }

    /// Whether one of these is anywhere in a name.
    func containsPart(of name: String) -> Bool {
        let bytes = name.utf8.span
        for names in namesByLength.prefix(bytes.count + 1) {
            for part in names {
                for start in 0...bytes.count - part.count where Self.matches(part, in: bytes, at: start) { return true }
            }
        }
        return false
    }

    private static func matches(_ name: [UInt8], in bytes: borrowing Span<UInt8>, at start: Int) -> Bool {
        for index in name.indices where name[index] != lowercased(bytes[start + index]) { return false }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

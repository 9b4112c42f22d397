/// The type of a statement's predicate: a URL that begins with the origin of the log that the statement belongs to, so
/// that no statement can be moved to another log.
enum PredicateType {
    private static let scheme = "https://"

    static func text(origin: String, name: String) -> String {
        "\(scheme)\(origin)\(suffix(name))"
    }

    /// The origin in a predicate type of this name; nil if it is of another name.
    static func origin(in text: String, name: String) -> String? {
        let (bytes, suffix) = (Array(text.utf8), Array(suffix(name).utf8))
        guard bytes.starts(with: scheme.utf8), bytes.reversed().starts(with: suffix.reversed()),
            bytes.count > scheme.utf8.count + suffix.count
        else { return nil }
        let origin = String(decoding: bytes[scheme.utf8.count..<(bytes.count - suffix.count)], as: UTF8.self)
        return NoteKey.isValid(name: origin) ? origin : nil
    }

    private static func suffix(_ name: String) -> String { "/attestations/\(name)/v1" }
}

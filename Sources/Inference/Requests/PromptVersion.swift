/// The prompt version that a run is counted for, such as `support@v2` or `default`.
package struct PromptVersion: Hashable, Sendable, CustomStringConvertible {
    /// What a run is counted for when nothing names a prompt version.
    package static let `default` = PromptVersion(name: "default")

    package let name: String
    package let version: String?

    /// The longest name, and the longest version.
    private static let lengthMax = 64

    private init(name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }

    /// Reads `name` or `name@version`, each 1 to 64 letters, digits, dots, underscores and hyphens. Nil for other text.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ Self.isIdentifier($0) }) else { return nil }
        name = String(parts[0])
        version = parts.count == 2 ? String(parts[1]) : nil
    }

    package var description: String { version.map { "\(name)@\($0)" } ?? name }

    static func isIdentifier(_ text: some StringProtocol) -> Bool {
        1...lengthMax ~= text.utf8.count
            && text.utf8.allSatisfy { character in
                switch character {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

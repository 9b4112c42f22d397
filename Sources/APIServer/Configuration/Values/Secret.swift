import Yams

/// Text that is never shown: it prints as `<redacted>` wherever it is printed.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The secret itself.
    package let value: String

    package init(_ value: String) { self.value = value }

    package var description: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension Secret: ScalarValue {
    static var expectation: String { "text" }
    static var isConfidential: Bool { true }

    init?(_ scalar: RawScalar) {
        guard let text = scalar.textual else { return nil }
        self.init(text)
    }

    var yamlNode: Node { TextScalar.node(description) }
}

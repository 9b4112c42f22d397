/// What opens a provider to us: a key, or the value of a header. Every way of printing it shows `<redacted>`.
package struct ProviderSecret: Hashable, Sendable {
    /// The secret itself. It goes to its provider, and nowhere else.
    package let value: String

    package init(_ value: String) {
        self.value = value
    }
}

extension ProviderSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

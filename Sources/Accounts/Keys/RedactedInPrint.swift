/// A secret, of which every way of printing shows `<redacted>` and nothing else.
package protocol RedactedInPrint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension RedactedInPrint {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

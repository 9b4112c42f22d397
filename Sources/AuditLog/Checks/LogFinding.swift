/// Something that is stored and is not what was logged.
package struct LogFinding: Hashable, Sendable, CustomStringConvertible {
    /// The leaf that it is about; nil if it is about the log as a whole.
    package let leafIndex: UInt64?
    package let message: String

    package var description: String { leafIndex.map { "leaf \($0): \(message)" } ?? message }
}

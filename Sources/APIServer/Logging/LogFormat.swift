package import Logging

/// How logs are written to standard error.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One line of text for people.
    case text
    /// One JSON object a line for programs.
    case json

    /// A handler that writes to standard error.
    package func makeHandler(label: String) -> any LogHandler {
        switch self {
        case .text: StreamLogHandler.standardError(label: label)
        case .json: JSONLogHandler(label: label)
        }
    }
}

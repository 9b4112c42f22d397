/// Every mistake found in a configuration. Its description has one line for each and never shows a secret.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package var mistakes: [Mistake]

    package var description: String {
        mistakes.map(\.description).joined(separator: "\n")
    }
}

/// One thing that is wrong with a configuration.
package struct Mistake: Sendable, Equatable, CustomStringConvertible {
    /// The full path of the setting, such as `models[0].pricing.std_input`; empty for the file as a whole.
    package var path: String
    package var message: String
    package var origin: Origin

    /// Where a setting came from.
    package enum Origin: Sendable, Equatable {
        case flag(String)
        case environment(String)
        case file(String, line: Int?)
        /// The setting was left out everywhere.
        case absent
    }

    package var description: String {
        let statement = path.isEmpty ? message : "\(path): \(message)"
        return switch origin {
        case .flag(let name): "\(statement) (flag \(name))"
        case .environment(let name): "\(statement) (environment variable \(name))"
        case .file(let name, line: let line?): "\(statement) (\(name), line \(line))"
        case .file(let name, line: nil): "\(statement) (\(name))"
        case .absent: statement
        }
    }
}

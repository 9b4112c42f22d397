import Foundation
import Yams

extension Configuration {
    /// Loads the configuration: flags win over the environment, the environment over the file, the file over defaults.
    ///
    /// Throws one error that names every mistake found.
    package static func load(
        flags: ConfigurationFlags = ConfigurationFlags(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        guard let file = flags.config else {
            return try Configuration(yaml: "", file: "", environment: environment, flags: flags)
        }
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        } catch {
            let message = "the file cannot be read: \(error.localizedDescription)"
            throw ConfigurationError(mistakes: [Mistake(path: "", message: message, origin: .file(file, line: nil))])
        }
        return try Configuration(yaml: text, file: file, environment: environment, flags: flags)
    }

    /// Decodes and checks a configuration. `file` is the name by which mistakes in `yaml` are reported.
    package init(
        yaml: String,
        file: String = "configuration",
        environment: [String: String] = [:],
        flags: ConfigurationFlags = ConfigurationFlags()
    ) throws(ConfigurationError) {
        let reading = ConfigurationReading(file: file, environment: environment, flags: flags)
        let root = reading.compose(yaml)
        self.init()
        var reader = SectionReader(root ?? .mapping([:]), path: "", reading: reading)
        reader.read(into: &self)
        if root != nil { validate(reading) }
        guard reading.mistakes.isEmpty else { throw ConfigurationError(mistakes: reading.mistakes) }
    }
}

extension ConfigurationReading {
    /// The top-level mapping of `yaml`; after a mistake in the YAML itself nil, because nothing can be said of the rest.
    func compose(_ yaml: String) -> Node? {
        do {
            guard let root = try Yams.compose(yaml: yaml), root.tagName != .null else { return .mapping([:]) }
            guard case .mapping = root else {
                let message = "expected a mapping of settings at the top level, found \(root.kindInWords)"
                add(Mistake(path: "", message: message, origin: origin(of: root)))
                return nil
            }
            return root
        } catch {
            add(mistake(for: error))
            return nil
        }
    }

    /// Says what is wrong without quoting the file, whose lines may hold secrets.
    private func mistake(for error: any Error) -> Mistake {
        func inFile(_ message: String, _ mark: Mark?) -> Mistake {
            Mistake(path: "", message: message, origin: .file(file, line: mark?.line))
        }
        return switch error as? YamlError {
        case .duplicatedKeysInMapping(let keys, let context):
            inFile(
                "duplicate \(keys.count == 1 ? "key" : "keys") \(keys.sorted().joined(separator: ", "))"
                    + " in the mapping that begins here",
                context.mark
            )
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            inFile("not valid YAML: \(problem)", mark)
        case .reader(let problem, _, _, _):
            inFile("not valid YAML: \(problem)", nil)
        default:
            inFile("not valid YAML", nil)
        }
    }
}

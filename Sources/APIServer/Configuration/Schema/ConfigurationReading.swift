import Yams

/// What one reading of a configuration shares: the overriding sources, the mistakes so far, and where values came from.
final class ConfigurationReading {
    let file: String
    private let environment: [String: String]
    private let flags: ConfigurationFlags
    private(set) var mistakes: [Mistake] = []
    private var origins: [String: Mistake.Origin] = [:]

    init(file: String, environment: [String: String], flags: ConfigurationFlags) {
        self.file = file
        self.environment = environment
        self.flags = flags
    }

    /// The text that a flag or the environment gives for `path`, and which of the two.
    func override(at path: String) -> (text: String, origin: Mistake.Origin)? {
        if let (flag, value) = flags.override(at: path) { return (value, .flag(flag)) }
        guard let name = EnvironmentTable.names[path], let value = environment[name] else { return nil }
        return (value, .environment(name))
    }

    func origin(of node: Node) -> Mistake.Origin { .file(file, line: node.mark?.line) }

    func note(_ origin: Mistake.Origin, of path: String) { origins[path] = origin }

    /// Adds a mistake about `path`, unless there is one already: what follows from a mistake is not reported again.
    func add(_ message: String, at path: String) {
        guard isSound(path) else { return }
        add(Mistake(path: path, message: message, origin: origin(at: path)))
    }

    func add(_ mistake: Mistake) { mistakes.append(mistake) }

    /// Whether no mistake has been found at `path` itself.
    func isSound(_ path: String) -> Bool { !mistakes.contains { $0.path == path } }

    /// Where the value at `path` came from; where it was left out, the place of what it was left out of.
    private func origin(at path: String) -> Mistake.Origin {
        var candidate = Substring(path)
        while !candidate.isEmpty {
            if let origin = origins[String(candidate)] { return origin }
            guard let end = candidate.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            candidate = candidate[..<end]
        }
        return .absent
    }
}

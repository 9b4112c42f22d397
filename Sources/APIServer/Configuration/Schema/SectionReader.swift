import Foundation
import Yams

/// Reads one mapping key by key, and knows at the end which keys nobody asked for.
///
/// A flag or an environment variable takes the place of what the file says. A null in the file counts as left out.
struct SectionReader {
    private let path: String
    private let reading: ConfigurationReading
    private var entries: [String: Entry] = [:]

    private struct Entry {
        let key: Node
        let value: Node
        var isUsed = false
    }

    /// `node` must be a mapping; anything else is a mistake and reads as an empty one.
    init(_ node: Node, path: String, reading: ConfigurationReading) {
        self.path = path
        self.reading = reading
        guard case .mapping(let mapping) = node else {
            reading.add("expected a mapping, found \(node.kindInWords)", at: path)
            return
        }
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                reading.add(Mistake(path: path, message: "a key must be text", origin: reading.origin(of: key)))
                continue
            }
            entries[scalar.string] = Entry(key: key, value: value)
        }
    }

    /// Reads every field of `section`, then reports the keys that are left.
    mutating func read<Section: ConfigurationSection>(into section: inout Section) {
        for field in Section.fields { field.read(&section, &self) }
        let strangers = entries.filter { !$0.value.isUsed }.values.sorted {
            ($0.key.mark?.line ?? 0) < ($1.key.mark?.line ?? 0)
        }
        for key in strangers.map(\.key) {
            let name = key.string ?? ""
            reading.add(Mistake(path: path(of: name), message: "unknown key", origin: reading.origin(of: key)))
        }
    }

    func add(_ message: String, at key: String) { reading.add(message, at: path(of: key)) }

    // MARK: Scalars

    mutating func has(_ key: String) -> Bool { take(key) != nil }

    /// The scalar at `key`; nil where it was left out or is a mistake.
    mutating func value<Value: ScalarValue>(_ key: String, _ rule: ValueRule<Value>) -> Value? {
        guard let found = take(key) else { return nil }
        return value(found, at: path(of: key), rule)
    }

    /// Whether the value at `key` is empty text.
    mutating func isEmptyText(_ key: String) -> Bool {
        guard let scalar = take(key)?.scalar else { return false }
        return scalar.text.isEmpty && (scalar.type == .text || scalar.type == .untyped)
    }

    private func value<Value: ScalarValue>(_ found: Found, at path: String, _ rule: ValueRule<Value>) -> Value? {
        guard let scalar = found.scalar, let value = Value(scalar) else {
            let words = Value.isConfidential ? found.kindInWords : found.inWords
            reading.add("expected \(Value.expectation), found \(words)", at: path)
            return nil
        }
        if let objection = rule.objection(value) {
            reading.add(objection, at: path)
            return nil
        }
        return value
    }

    // MARK: Lists and mappings

    /// The list of scalars at `key`, which a flag or the environment separates by commas.
    mutating func values<Value: ScalarValue>(_ key: String) -> [Value]? {
        let elements: [Found]
        switch take(key) {
        case nil:
            return nil
        case .override(let text):
            elements = text.split(separator: ",").map { .override($0.trimmingCharacters(in: .whitespaces)) }
        case .node(.sequence(let sequence)):
            elements = sequence.map { .node($0) }
        case .node(let node):
            add("expected a list, found \(node.kindInWords)", at: key)
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            value(element, at: note(element, at: "\(path(of: key))[\(index)]"), .none)
        }
    }

    /// The mapping with free keys at `key`.
    mutating func dictionary<Value: ScalarValue>(_ key: String, _ rule: ValueRule<Value>) -> [String: Value]? {
        guard case .node(let node) = take(key) else { return nil }
        var reader = SectionReader(node, path: path(of: key), reading: reading)
        return reader.entries.keys.sorted().reduce(into: [:]) { values, name in
            values[name] = reader.value(name, rule)
        }
    }

    /// Reads the section at `key`, also where the file has none: the environment may set what is in it.
    mutating func section<Section: ConfigurationSection>(_ key: String, into section: inout Section) {
        var node = Node.mapping([:])
        if case .node(let found) = take(key) { node = found }
        var reader = SectionReader(node, path: path(of: key), reading: reading)
        reader.read(into: &section)
    }

    /// The list of sections at `key`.
    mutating func sections<Section: ConfigurationSection>(_ key: String) -> [Section]? {
        guard case .node(let node) = take(key) else { return nil }
        guard case .sequence(let sequence) = node else {
            add("expected a list, found \(node.kindInWords)", at: key)
            return nil
        }
        return sequence.enumerated().map { index, node in
            let path = note(.node(node), at: "\(path(of: key))[\(index)]")
            var section = Section()
            var reader = SectionReader(node, path: path, reading: reading)
            reader.read(into: &section)
            return section
        }
    }

    // MARK: Looking up

    /// What a source gives for a key.
    private enum Found {
        /// The text of a flag or an environment variable.
        case override(String)
        case node(Node)

        var scalar: RawScalar? {
            switch self {
            case .override(let text): RawScalar(text: text, type: .untyped)
            case .node(let node): RawScalar(node)
            }
        }

        var kindInWords: String {
            switch self {
            case .override: "text"
            case .node(let node): node.kindInWords
            }
        }

        var inWords: String {
            switch scalar {
            case let scalar?: "\(kindInWords) \(scalar.text.debugDescription)"
            case nil: kindInWords
            }
        }
    }

    /// The value at `key` from the source that wins; remembers where it came from.
    private mutating func take(_ key: String) -> Found? {
        entries[key]?.isUsed = true
        let path = path(of: key)
        if let (text, origin) = reading.override(at: path) {
            reading.note(origin, of: path)
            return .override(text)
        }
        guard let entry = entries[key], entry.value.tagName != .null else { return nil }
        // The key's own line, since the value may stand elsewhere under an anchor.
        reading.note(reading.origin(of: entry.key), of: path)
        return .node(entry.value)
    }

    /// Remembers where an element of a list came from, and passes its path on.
    private func note(_ element: Found, at path: String) -> String {
        if case .node(let node) = element { reading.note(reading.origin(of: node), of: path) }
        return path
    }

    private func path(of key: String) -> String {
        let isPlain = key.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil
        let name = isPlain ? key : key.debugDescription
        return path.isEmpty ? name : "\(path).\(name)"
    }
}

import Yams

/// One key of a section: how its value is read and how it is printed.
struct ConfigurationField<Section> {
    let key: String
    /// Reads the value into the section, or adds to the mistakes and leaves the default.
    let read: (inout Section, inout SectionReader) -> Void
    /// The value as YAML, secrets redacted; nil where the key is left out.
    let print: (Section) -> Node?
}

extension ConfigurationField {
    /// A scalar with a default.
    static func value<Value: ScalarValue>(
        _ key: String, _ path: WritableKeyPath<Section, Value>, _ rule: ValueRule<Value> = .none
    ) -> Self {
        Self(key: key) { section, reader in
            if let value = reader.value(key, rule) { section[keyPath: path] = value }
        } print: { section in
            section[keyPath: path].yamlNode
        }
    }

    /// A scalar that must be given.
    static func required<Value: ScalarValue>(
        _ key: String, _ path: WritableKeyPath<Section, Value>, _ rule: ValueRule<Value> = .none
    ) -> Self {
        Self(key: key) { section, reader in
            guard reader.has(key) else { return reader.add("is required", at: key) }
            if let value = reader.value(key, rule) { section[keyPath: path] = value }
        } print: { section in
            section[keyPath: path].yamlNode
        }
    }

    /// A scalar that is none when it is empty text, which is also how none is printed.
    static func emptyMeansNone<Value: ScalarValue>(
        _ key: String, _ path: WritableKeyPath<Section, Value?>, _ rule: ValueRule<Value> = .none
    ) -> Self {
        Self(key: key) { section, reader in
            if reader.isEmptyText(key) {
                section[keyPath: path] = nil
            } else if let value = reader.value(key, rule) {
                section[keyPath: path] = value
            }
        } print: { section in
            section[keyPath: path]?.yamlNode ?? TextScalar.node("")
        }
    }

    /// A scalar that is none when its key is left out, which is also how none is printed.
    static func omissible<Value: ScalarValue>(
        _ key: String, _ path: WritableKeyPath<Section, Value?>, _ rule: ValueRule<Value> = .none
    ) -> Self {
        Self(key: key) { section, reader in
            if let value = reader.value(key, rule) { section[keyPath: path] = value }
        } print: { section in
            section[keyPath: path]?.yamlNode
        }
    }

    /// A list of scalars, separated by commas in the environment.
    static func values<Value: ScalarValue>(_ key: String, _ path: WritableKeyPath<Section, [Value]>) -> Self {
        Self(key: key) { section, reader in
            if let values: [Value] = reader.values(key) { section[keyPath: path] = values }
        } print: { section in
            Node(section[keyPath: path].map(\.yamlNode))
        }
    }

    /// A mapping with keys of the operator's choice.
    static func dictionary<Value: ScalarValue>(
        _ key: String, _ path: WritableKeyPath<Section, [String: Value]>, _ rule: ValueRule<Value> = .none
    ) -> Self {
        Self(key: key) { section, reader in
            if let values = reader.dictionary(key, rule) { section[keyPath: path] = values }
        } print: { section in
            Node(
                section[keyPath: path].sorted { $0.key < $1.key }.map { entry in
                    (TextScalar.node(entry.key), entry.value.yamlNode)
                }
            )
        }
    }

    /// A section within this one.
    static func section<Inner: ConfigurationSection>(_ key: String, _ path: WritableKeyPath<Section, Inner>) -> Self {
        Self(key: key) { section, reader in
            reader.section(key, into: &section[keyPath: path])
        } print: { section in
            section[keyPath: path].yamlNode
        }
    }

    /// A list of sections.
    static func sections<Inner: ConfigurationSection>(
        _ key: String, _ path: WritableKeyPath<Section, [Inner]>
    ) -> Self {
        Self(key: key) { section, reader in
            if let sections: [Inner] = reader.sections(key) { section[keyPath: path] = sections }
        } print: { section in
            Node(section[keyPath: path].map(\.yamlNode))
        }
    }
}

import Yams

/// A mapping of the configuration whose keys are a fixed list of fields.
///
/// The one list of fields serves reading, checking and printing, so that the three cannot drift apart.
protocol ConfigurationSection {
    /// A section in which every field has its default.
    init()
    /// The fields in the order in which they are printed.
    static var fields: [ConfigurationField<Self>] { get }
}

extension ConfigurationSection {
    /// The section as YAML, secrets redacted.
    var yamlNode: Node {
        Node(
            Self.fields.compactMap { field in
                field.print(self).map { (TextScalar.node(field.key), $0) }
            }
        )
    }
}

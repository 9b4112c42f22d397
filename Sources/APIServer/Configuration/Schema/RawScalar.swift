import Yams

/// The text of a scalar before it has a meaning, and what kind of value its notation says it is.
struct RawScalar {
    let text: String
    let type: Kind

    enum Kind {
        case text, number, boolean
        /// Null, a date and whatever else YAML knows.
        case other
        /// From a flag or the environment, where all values are text.
        case untyped
    }

    init(text: String, type: Kind) {
        self.text = text
        self.type = type
    }

    /// Nil for a mapping or a list.
    init?(_ node: Node) {
        guard case .scalar(let scalar) = node else { return nil }
        text = scalar.string
        type =
            switch node.tagName {
            case .str: .text
            case .int, .float: .number
            case .bool: .boolean
            default: .other
            }
    }

    /// The text where the notation allows it to be text.
    var textual: String? { type == .text || type == .untyped ? text : nil }
}

extension Node {
    /// The tag that the notation resolves to.
    var tagName: Tag.Name { Tag.Name(rawValue: tag.rawValue) }

    /// What kind of value this is, for mistakes that must not quote it.
    var kindInWords: String {
        guard let scalar = RawScalar(self) else {
            return if case .mapping = self { "a mapping" } else { "a list" }
        }
        return switch scalar.type {
        case .text, .untyped: "text"
        case .number: "a number"
        case .boolean: "a truth value"
        case .other: "a special value"
        }
    }
}

/// Text as a YAML scalar.
enum TextScalar {
    /// Quotes the text where a reader would take it for something else.
    static func node(_ text: String) -> Node {
        let plain = Node(text)
        return plain.tagName == .str ? plain : Node(text, Tag(.str), .singleQuoted)
    }
}

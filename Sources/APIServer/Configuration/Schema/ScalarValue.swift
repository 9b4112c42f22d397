import Foundation
import Yams

/// A type that one scalar of the configuration holds.
protocol ScalarValue: Equatable {
    /// What a mistake says was expected, such as `a whole number`.
    static var expectation: String { get }
    /// Whether a mistake must not quote the value.
    static var isConfidential: Bool { get }
    init?(_ scalar: RawScalar)
    /// The value as YAML that reads back as the same value, or a redaction of it.
    var yamlNode: Node { get }
}

extension ScalarValue {
    static var isConfidential: Bool { false }
}

extension ScalarValue where Self: LosslessStringConvertible {
    init?(_ scalar: RawScalar) {
        guard let text = scalar.textual else { return nil }
        self.init(text)
    }

    var yamlNode: Node { TextScalar.node(description) }
}

extension ScalarValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    static var expectation: String {
        let names = allCases.map(\.rawValue)
        return names.count == 1 ? names.joined() : "one of \(names.joined(separator: ", "))"
    }

    init?(_ scalar: RawScalar) {
        guard let text = scalar.textual else { return nil }
        self.init(rawValue: text)
    }

    var yamlNode: Node { TextScalar.node(rawValue) }
}

extension String: ScalarValue {
    static var expectation: String { "text" }
}

extension Bool: ScalarValue {
    static var expectation: String { "true or false" }

    init?(_ scalar: RawScalar) {
        switch (scalar.text, scalar.type) {
        case ("true", .boolean), ("true", .untyped), ("1", .untyped): self = true
        case ("false", .boolean), ("false", .untyped), ("0", .untyped): self = false
        default: return nil
        }
    }

    var yamlNode: Node { Node(description) }
}

extension Int: ScalarValue {
    static var expectation: String { "a whole number" }

    /// Takes plain decimal digits only: YAML would read `010` as eight, and people as ten.
    init?(_ scalar: RawScalar) {
        let digits = scalar.text.drop { $0 == "-" }
        guard scalar.type == .number || scalar.type == .untyped, digits.first != "0" || digits.count == 1 else {
            return nil
        }
        guard let value = Int(scalar.text), value.description == scalar.text else { return nil }
        self = value
    }

    var yamlNode: Node { Node(description) }
}

extension Decimal: ScalarValue {
    static var expectation: String { "a decimal number" }

    /// Takes plain decimal notation of at most 30 digits, which `Decimal` holds exactly.
    init?(_ scalar: RawScalar) {
        let isNumber = scalar.type == .number || scalar.type == .untyped
        guard isNumber, let match = scalar.text.wholeMatch(of: /-?([0-9]+)(\.[0-9]+)?/), match.0.count <= 30 else {
            return nil
        }
        self.init(string: scalar.text, locale: Locale(identifier: "en_US_POSIX"))
    }

    var yamlNode: Node { Node(description) }
}

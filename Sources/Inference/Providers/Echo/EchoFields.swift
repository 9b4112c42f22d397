import JSONParsing
import OTLP

/// Reads the fields of a request to the echo provider.
///
/// A node means something only together with its document, which can't be copied; so that goes along with every call.
struct EchoFields {
    private let object: JSONDocument.Node

    init(_ node: JSONDocument.Node, of document: borrowing JSONDocument) throws(EchoRefusal) {
        guard document.kind(of: node) == .object else { throw EchoRefusal("the body must be an object", nil) }
        object = node
    }

    /// A member's value; nil if it is absent or null.
    func value(_ name: StaticString, in document: borrowing JSONDocument) -> JSONDocument.Node? {
        var members = document.members(of: object)
        while let member = members.next(in: document) {
            guard document.string(of: member.key, equals: name) else { continue }
            return document.kind(of: member.value) == .null ? nil : member.value
        }
        return nil
    }

    func object(_ name: StaticString, in document: borrowing JSONDocument) throws(EchoRefusal) -> EchoFields? {
        guard let node = value(name, in: document) else { return nil }
        guard document.kind(of: node) == .object else { throw EchoRefusal("\(name) must be an object", name) }
        return try EchoFields(node, of: document)
    }

    func integer(
        _ name: StaticString, _ range: ClosedRange<Int64>, in document: borrowing JSONDocument
    ) throws(EchoRefusal) -> Int? {
        guard let node = value(name, in: document) else { return nil }
        guard case .integer(let value) = document.kind(of: node), range.contains(value) else {
            throw EchoRefusal("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)", name)
        }
        return Int(value)
    }

    func isTrue(_ name: StaticString, in document: borrowing JSONDocument) throws(EchoRefusal) -> Bool {
        guard let node = value(name, in: document) else { return false }
        switch document.kind(of: node) {
        case .true: return true
        case .false: return false
        default: throw EchoRefusal("\(name) must be true or false", name)
        }
    }

    /// A text, a list of texts, a list of token numbers, or a list of such lists. Token numbers become their digits.
    func texts(_ name: StaticString, in document: borrowing JSONDocument) throws(EchoRefusal) -> [[UInt8]] {
        guard let node = value(name, in: document) else { throw EchoRefusal("\(name) is missing", name) }
        if let text = EchoFields.text(node, in: document) { return [text] }
        guard document.kind(of: node) == .array else { throw wrongInput(name) }
        var elements = document.elements(of: node)
        var texts: [[UInt8]] = []
        while let element = elements.next(in: document) {
            if case .integer = document.kind(of: element) {
                return [try tokens(node, name, in: document)]
            } else if let text = EchoFields.text(element, in: document) {
                texts.append(text)
            } else {
                texts.append(try tokens(element, name, in: document))
            }
        }
        guard !texts.isEmpty else { throw EchoRefusal("\(name) is empty", name) }
        return texts
    }

    static func text(_ node: JSONDocument.Node, in document: borrowing JSONDocument) -> [UInt8]? {
        document.kind(of: node) == .string ? Array(document.string(of: node).utf8) : nil
    }

    private func tokens(
        _ list: JSONDocument.Node, _ name: StaticString, in document: borrowing JSONDocument
    ) throws(EchoRefusal) -> [UInt8] {
        guard document.kind(of: list) == .array else { throw wrongInput(name) }
        var elements = document.elements(of: list)
        var bytes: [UInt8] = []
        while let element = elements.next(in: document) {
            guard case .integer(let token) = document.kind(of: element) else { throw wrongInput(name) }
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes += String(token).utf8
        }
        return bytes
    }

    private func wrongInput(_ name: StaticString) -> EchoRefusal {
        EchoRefusal("\(name) must be a text, a list of texts, or lists of token numbers", name)
    }
}

/// Why the echo provider can't answer: the request is wrong.
struct EchoRefusal: Error {
    private let message: String
    private let parameter: String?

    init(_ message: String, _ parameter: StaticString?) {
        self.message = message
        self.parameter = parameter?.description
    }

    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("message")
        writer.string("the provider echo refused the request: \(message)")
        writer.key("type")
        writer.string("invalid_request_error")
        writer.key("param")
        if let parameter { writer.string(parameter) } else { writer.null() }
        writer.key("code")
        writer.string("invalid_request")
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

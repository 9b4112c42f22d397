import JSONParsing

/// The JSON object in a request's body, whose members are read by name and type. What is wrong with one is an
/// `invalidRequest` that names it.
///
/// The whole text was checked: syntax, UTF-8, numbers, depth. Of members with equal names the last counts, `null` is as
/// good as absent, and members that nobody asks for are ignored.
struct JSONBody: ~Copyable {
    /// How deeply values may lie inside each other.
    static let depthMax = 64

    private let document: JSONDocument

    /// - Throws: `invalidRequest` unless the bytes are one JSON object.
    init(parsing bytes: [UInt8]) throws(APIError) {
        document = try Self.object(bytes)
    }

    private static func object(_ bytes: [UInt8]) throws(APIError) -> JSONDocument {
        let document: JSONDocument
        do throws(JSONParsingError) {
            document = try JSONDocument(parsing: bytes, depthMax: depthMax)
        } catch {
            throw APIError(error)
        }
        guard document.kind(of: document.root) == .object else {
            throw APIError(.invalidRequest, "the body must be a JSON object")
        }
        return document
    }

    func requiredString(_ name: StaticString) throws(APIError) -> String {
        guard let text = try string(name) else {
            throw APIError(.invalidRequest, "\(name) is required", parameter: "\(name)")
        }
        return text
    }

    /// Text without NUL, which a database can't store.
    func string(_ name: StaticString) throws(APIError) -> String? {
        guard let node = member(name) else { return nil }
        return try string(node, of: name)
    }

    /// A number written as a JSON integer: `1.0` and `1e2` are none.
    func integer(_ name: StaticString, in range: ClosedRange<Int64>) throws(APIError) -> Int64? {
        guard let node = member(name) else { return nil }
        guard case .integer(let number) = document.kind(of: node), range.contains(number) else {
            throw APIError(
                .invalidRequest, "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)",
                parameter: "\(name)")
        }
        return number
    }

    func strings(_ name: StaticString) throws(APIError) -> [String]? {
        guard let node = member(name) else { return nil }
        guard document.kind(of: node) == .array else {
            throw APIError(.invalidRequest, "\(name) must be a list of strings", parameter: "\(name)")
        }
        var strings: [String] = []
        var elements = document.elements(of: node)
        while let element = elements.next(in: document) { strings.append(try string(element, of: name)) }
        return strings
    }

    /// A time in RFC 3339, in milliseconds since 1970-01-01 00:00 UTC.
    func time(_ name: StaticString) throws(APIError) -> Int64? {
        guard let text = try string(name) else { return nil }
        guard let nanoseconds = RFC3339.unixNano(text) else {
            throw APIError(.invalidRequest, "\(name) must be a time in RFC 3339", parameter: "\(name)")
        }
        return Int64(nanoseconds / 1_000_000)
    }

    private func member(_ name: StaticString) -> JSONDocument.Node? {
        var found: JSONDocument.Node?
        var members = document.members(of: document.root)
        while let member = members.next(in: document) {
            if document.string(of: member.key, equals: name) { found = member.value }
        }
        return found.flatMap { document.kind(of: $0) == .null ? nil : $0 }
    }

    private func string(_ node: JSONDocument.Node, of name: StaticString) throws(APIError) -> String {
        guard document.kind(of: node) == .string else {
            throw APIError(.invalidRequest, "\(name) must be a string", parameter: "\(name)")
        }
        let text = document.string(of: node)
        guard !text.utf8.contains(0) else {
            throw APIError(.invalidRequest, "\(name) must not contain NUL", parameter: "\(name)")
        }
        return text
    }
}

extension APIError {
    fileprivate init(_ error: JSONParsingError) {
        switch error.code {
        case .outOfMemory: self = .unavailable(error.message)
        case .tooLarge: self.init(.payloadTooLarge, error.message)
        case .empty, .malformed, .invalidUTF8, .invalidString, .invalidNumber, .tooDeep:
            self.init(.invalidRequest, error.message)
        }
    }
}

import Audit

/// One step into a JSON value.
enum JSONStep: Hashable, CustomStringConvertible {
    case member(String)
    case element(Int)

    var description: String {
        switch self {
        case .member(let name): name
        case .element(let index): String(index)
        }
    }
}

extension JSONValue {
    /// The paths to every value inside this one, containers included, itself excluded.
    var paths: [[JSONStep]] {
        switch self {
        case .object(let object):
            object.members.flatMap { member in
                [[.member(member.name)]] + member.value.paths.map { [.member(member.name)] + $0 }
            }
        case .array(let elements):
            elements.enumerated().flatMap { index, element in
                [[.element(index)]] + element.paths.map { [.element(index)] + $0 }
            }
        default: []
        }
    }

    subscript(path: ArraySlice<JSONStep>) -> JSONValue {
        switch (path.first, self) {
        case (.member(let name), .object(let object)): object[name].map { $0[path.dropFirst()] } ?? .null
        case (.element(let index), .array(let elements)): elements[index][path.dropFirst()]
        default: self
        }
    }

    /// The value with another one, or none, at a path.
    func replacing(_ path: ArraySlice<JSONStep>, with value: JSONValue?) -> JSONValue {
        guard let step = path.first else { return value ?? .null }
        let isLast = path.count == 1
        switch (step, self) {
        case (.member(let name), .object(var object)):
            object[name] = isLast ? value : object[name]?.replacing(path.dropFirst(), with: value)
            return .object(object)
        case (.element(let index), .array(var elements)):
            if isLast, value == nil {
                elements.remove(at: index)
            } else {
                elements[index] = elements[index].replacing(path.dropFirst(), with: value)
            }
            return .array(elements)
        default: return self
        }
    }
}

extension String {
    /// This text with one character changed, at up to `count` places spread over it, or cut or lengthened by one.
    func mutations(count: Int) -> [String] {
        let bytes = Array(utf8)
        let changed = stride(from: 0, to: bytes.count, by: Swift.max(1, bytes.count / count)).compactMap { index in
            var copy = bytes
            copy[index] = copy[index] == 0x30 ? 0x31 : 0x30
            return String(validating: copy, as: UTF8.self)
        }
        return (changed + [self + "0", String(dropLast())]).filter { $0 != self }
    }
}

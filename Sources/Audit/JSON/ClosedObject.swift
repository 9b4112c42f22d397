/// An object whose members are known in advance, all of them: it has the required ones, perhaps some of the optional
/// ones, and no others.
struct ClosedObject {
    let object: JSONObject
    /// How messages call it.
    let name: String

    /// - Throws: `invalidShape`.
    init(
        _ value: JSONValue, _ name: String, required: [String], optional: [String] = []
    ) throws(AuditError) {
        guard case .object(let object) = value else { throw AuditError(.invalidShape, "\(name) is not an object") }
        for member in required where object[member] == nil {
            throw AuditError(.invalidShape, "\(name) has no \(member)")
        }
        let known = required + optional
        // The stranger's own name is not repeated: it could be anything.
        guard
            object.members.allSatisfy({ member in known.contains { $0.utf8.elementsEqual(member.name.utf8) } })
        else { throw AuditError(.invalidShape, "\(name) has a member that the format doesn't know") }
        self.object = object
        self.name = name
    }

    func value(_ member: String) throws(AuditError) -> JSONValue {
        guard let value = object[member] else { throw AuditError(.invalidShape, "\(name) has no \(member)") }
        return value
    }

    func string(_ member: String) throws(AuditError) -> String {
        guard let text = try value(member).string else { throw shapeError(member, "a string") }
        return text
    }

    func optionalString(_ member: String) throws(AuditError) -> String? {
        object[member] == nil ? nil : try string(member)
    }

    func array(_ member: String) throws(AuditError) -> [JSONValue] {
        guard let elements = try value(member).array else { throw shapeError(member, "an array") }
        return elements
    }

    /// A string that a rule accepts.
    func string(_ member: String, _ rule: TextRule) throws(AuditError) -> String {
        let text = try string(member)
        guard rule.accepts(text) else { throw shapeError(member, rule.meaning) }
        return text
    }

    /// A string that is one of a type's raw values.
    func choice<T: RawRepresentable<String> & CaseIterable>(_ member: String) throws(AuditError) -> T {
        let text = try string(member)
        guard let choice = T.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
            throw shapeError(member, "one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func shapeError(_ member: String, _ expectation: String) -> AuditError {
        AuditError(.invalidShape, "\(member) of \(name) is not \(expectation)")
    }
}

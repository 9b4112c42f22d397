// Reading a request's fields: `null` means absent, and a value of the wrong type or range is refused by its name.

extension JSONCursor {
    mutating func readString(_ parameter: String, in bytes: RawSpan) throws(InferenceError) -> String? {
        let value = try skipValue(in: bytes)
        if value.kind == .null { return nil }
        guard let string = value.string(in: bytes) else { throw .invalid(parameter, "\(parameter) must be a string") }
        return string
    }

    mutating func readBool(_ parameter: String, in bytes: RawSpan) throws(InferenceError) -> Bool? {
        let value = try skipValue(in: bytes)
        if value.kind == .null { return nil }
        guard let bool = value.bool else { throw .invalid(parameter, "\(parameter) must be true or false") }
        return bool
    }

    mutating func readInteger(
        _ parameter: String, from least: Int64 = 1, to greatest: Int64 = .max, in bytes: RawSpan
    ) throws(InferenceError) -> Int64? {
        let value = try skipValue(in: bytes)
        if value.kind == .null { return nil }
        guard let integer = value.integer(in: bytes), least <= integer, integer <= greatest else {
            let range = greatest == .max ? "of at least \(least)" : "from \(least) to \(greatest)"
            throw .invalid(parameter, "\(parameter) must be an integer \(range)")
        }
        return integer
    }

    /// Steps into the object that comes next; over the value, and nil, if it is `null`.
    mutating func beginOptionalObject(
        _ parameter: String, in bytes: RawSpan
    ) throws(InferenceError) -> JSONContainer? {
        switch nextKind(in: bytes) {
        case .object: return try beginObject(in: bytes)
        case .null:
            _ = try skipValue(in: bytes)
            return nil
        default: throw .invalid(parameter, "\(parameter) must be an object")
        }
    }
}

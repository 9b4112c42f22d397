/// The statements that one connection keeps prepared, by what they are made from.
struct PreparedStatements {
    /// A statement with parameters of other types is another one.
    struct Key: Hashable {
        let text: String
        let types: [PostgresType]
    }

    private var names: [Key: String] = [:]
    private var namedCount = 0
    /// The server may still keep statements that are forgotten here.
    private(set) var isServerAhead = false

    var isFull: Bool { names.count >= PostgresConnection.preparedCountMax }

    func name(for key: Key) -> String? { names[key] }

    /// A name that was never used on this connection.
    mutating func makeName() -> String {
        namedCount += 1
        return "s\(namedCount)"
    }

    mutating func keep(_ name: String, for key: Key) {
        names[key] = name
    }

    mutating func forgetAll() {
        names.removeAll()
        isServerAhead = true
    }

    mutating func serverHasForgotten() {
        isServerAhead = false
    }
}

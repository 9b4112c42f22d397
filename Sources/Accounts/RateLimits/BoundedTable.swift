/// A dictionary that never holds more than so many entries: when it is full, it forgets some to make room.
///
/// Making room goes through all entries, and leaves at most half of them, so that it is rare however fast new keys come.
struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let countMax: Int
    private var values: [Key: Value] = [:]

    init(countMax: Int) {
        self.countMax = countMax
    }

    var count: Int { values.count }

    subscript(key: Key) -> Value? { values[key] }

    /// Changes the entry of a key, which is made first where there is none.
    ///
    /// - Parameter isSpare: Whether forgetting an entry loses nothing. Such entries are forgotten first; where they are
    ///   not enough, it can be any.
    mutating func update<Result>(
        _ key: Key,
        orInsert make: () -> Value,
        isSpare: (Value) -> Bool,
        _ body: (inout Value) -> Result
    ) -> Result {
        if values.count >= countMax, values[key] == nil { makeRoom(isSpare) }
        return body(&values[key, default: make()])
    }

    private mutating func makeRoom(_ isSpare: (Value) -> Bool) {
        values = values.filter { !isSpare($0.value) }
        let excess = values.count - countMax / 2
        guard excess > 0 else { return }
        for key in Array(values.keys.prefix(excess)) { values[key] = nil }
    }
}

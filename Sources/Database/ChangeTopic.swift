/// A kind of change that caches want to hear about, in whatever process it is made.
///
/// A transaction announces it with `Connection.announce`, and `Database.changeToken(for:)` then differs from what it was.
package struct ChangeTopic: Hashable, Sendable {
    /// Below `countMax`, each module its own.
    let number: Int

    static let countMax = 16

    package init(_ number: Int) {
        precondition((0..<Self.countMax).contains(number), "Topics are numbered from 0 to \(Self.countMax - 1).")
        self.number = number
    }
}

/// A state of a topic: two are equal only if nothing was announced between the moments they were taken.
package struct ChangeToken: Hashable, Sendable {
    private let value: UInt64

    init(_ value: UInt64) {
        self.value = value
    }
}

/// A name that transactions hold one at a time, to be alone with what the name stands for.
///
/// Whoever changes those rows must hold the same lock. The name is a convention between callers; nothing ties it to
/// rows. Locks end with their transaction, however it ends.
package struct TransactionLock: Hashable, Sendable {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }
}

/// What a finished transaction may rely on.
package enum Durability: Sendable {
    /// It survives power loss.
    case synced
    /// It is visible to everyone at once, but the last moments before a crash of the database server may be lost. On
    /// SQLite the same as `synced`.
    case relaxed
}

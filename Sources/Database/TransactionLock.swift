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

/// Writes that all hold one lock, and hold it together: those of a process that wait for it at the same time become
/// one transaction, so that what one lock lets through is not limited by how often a disk can be synced.
///
/// In that transaction their bodies run one after the other, in no promised order, each seeing what those before it
/// have done, and together they hold the locks that any of them named. A body that throws is undone alone; what the
/// transaction as a whole fails with, such as a lost connection, every write in it fails with. It survives power loss
/// if one of them is to. On SQLite, where all writes share transactions, a group changes nothing.
///
/// All of them hold their locks, and the rows they have changed, until the last is done and the disk is synced. Rows
/// that others change too should be behind a lock, or two transactions may wait for each other until one is repeated.
///
/// Whoever holds the group's lock waits for other locks, so a transaction that is not of the group may hold `lock` only
/// if it holds no other, and a write of one group names no lock of another group. Groups are few: the first write of
/// each opens a connection that stays.
package struct TransactionGroup: Hashable, Sendable {
    package let lock: TransactionLock

    package init(_ lock: TransactionLock) {
        self.lock = lock
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

/// The statements that begin a transaction, sent in one go.
enum TransactionScript {
    static let reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    /// With locks, each statement of the body must see what was committed before it, so what is read must not be fixed
    /// while the locks are waited for. They are taken one after the other, so in the same order by everyone.
    static func writing(_ options: WriteOptions) -> String {
        var statements: [String] = []
        if options.locks.isEmpty {
            statements.append("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
        } else {
            statements.append("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        }
        if options.durability == .relaxed {
            statements.append("SET LOCAL synchronous_commit = off")
        }
        for key in Set(options.locks.map(\.advisoryKey)).sorted() {
            statements.append("SELECT pg_advisory_xact_lock(\(key))")
        }
        return statements.joined(separator: "; ")
    }

    /// Whatever goes wrong before the last statement, it is not committed; and only one answer says that it is.
    static func committing(_ announcements: Set<ChangeTopic>) -> String {
        let notifications = announcements.map(\.number).sorted().map { "NOTIFY \(ChangeListener.channel), '\($0)'; " }
        return notifications.joined() + "COMMIT"
    }
}

extension TransactionLock {
    /// The number that stands for the name on every server and in every version of this program: FNV-1a of its bytes
    /// (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv). Names that share one wait for each other in vain, and
    /// that is all.
    var advisoryKey: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return Int64(bitPattern: hash)
    }
}

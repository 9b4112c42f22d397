/// The statements that begin a transaction, sent in one go.
enum TransactionScript {
    static let reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    /// With locks, each statement of the body must see what was committed before it, so what is read must not be fixed
    /// while the locks are waited for.
    ///
    /// No transactions wait for each other's locks in a circle, because everybody takes them in one order: the group's
    /// first, the others by their number. Whoever has a group's lock, in whatever process, waits only for transactions
    /// outside the group, and those never wait for the group's lock while they hold another.
    static func writing(_ options: WriteOptions) -> String {
        var statements: [String] = []
        if options.locks.isEmpty, options.group == nil {
            statements.append("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
        } else {
            statements.append("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        }
        if options.durability == .relaxed {
            statements.append("SET LOCAL synchronous_commit = off")
        }
        if let group = options.group {
            statements.append("SELECT pg_advisory_xact_lock(\(group.lock.advisoryKey))")
        }
        let keys = Set(options.locks.map(\.advisoryKey)).sorted()
        if !keys.isEmpty {
            statements.append("SELECT pg_advisory_xact_lock(key) FROM \(rows(of: keys))")
        }
        return statements.joined(separator: "; ")
    }

    /// Takes those of the locks that are free, and returns the numbers of the others as `key`.
    static func takingFree(_ locks: [TransactionLock]) -> SQL {
        let keys = Set(locks.map(\.advisoryKey)).sorted()
        return "SELECT key FROM \(unsafeSQL: rows(of: keys)) WHERE NOT pg_try_advisory_xact_lock(key)"
    }

    /// One row for each key, in this order (https://www.postgresql.org/docs/15/functions-array.html).
    private static func rows(of keys: [Int64]) -> String {
        "unnest('{\(keys.map(String.init).joined(separator: ","))}'::bigint[]) AS key"
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

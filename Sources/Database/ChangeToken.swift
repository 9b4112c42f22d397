import Glibc

/// Says whether anything was committed to a database between two moments, without asking the database.
///
/// Two tokens are equal only if no process committed in between, as far as the file system can tell: SQLite appends
/// every commit to the `-wal` file or, after a checkpoint, overwrites it from its start, so its size or its time
/// changes. The limits:
///
/// - File times advance in ticks (1 to 10 ms), and a commit writes the file before it syncs it and becomes visible. A
///   token taken within `settlingNanoseconds` of the last change therefore equals no other, and caches simply miss.
///   Only a commit whose sync takes longer than that, or a clock set back, can go unnoticed: a cache must also drop its
///   entries after a while.
/// - A commit that changed nothing, or a transaction that was rolled back, may change the token. Any commit does,
///   whatever table it is about.
package struct ChangeToken: Hashable, Sendable {
    private let size: Int64
    private let inode: UInt64
    private let modifiedNanoseconds: Int64
    /// When the token was taken if the file had just changed, else 0.
    private let unsettledNanoseconds: Int64

    static let settlingNanoseconds: Int64 = 100_000_000

    /// - Parameters:
    ///   - walPath: The write-ahead log. One that does not exist, as before the first access, is a state too.
    ///   - now: The wall clock that stamps files, in nanoseconds since 1970.
    init(walPath: String, now: Int64 = UnixTime.nanoseconds()) {
        var status = stat()
        guard unsafe stat(walPath, &status) == 0 else {
            (size, inode, modifiedNanoseconds, unsettledNanoseconds) = (-1, 0, 0, 0)
            return
        }
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        unsettledNanoseconds = now - modifiedNanoseconds < Self.settlingNanoseconds ? now : 0
    }
}

import Glibc

/// Every connection and every block takes a file descriptor; the usual soft limit of 1,024 is for programs that use
/// `select`.
enum OpenFileLimit {
    static func raise() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where it is refused the old limit stands, and running out shows as failed connections.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

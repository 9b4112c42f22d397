import Glibc

/// Waiting for descriptors (https://man7.org/linux/man-pages/man2/poll.2.html).
enum Poll {
    /// - Returns: Whether one of them became ready before the deadline.
    static func wait(
        for descriptors: [(number: Int32, events: Int32)], until deadline: ContinuousClock.Instant?
    ) throws(PostgresError) -> Bool {
        var entries = descriptors.map { pollfd(fd: $0.number, events: Int16($0.events), revents: 0) }
        while true {
            let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds(until: deadline))
            if count >= 0 { return count > 0 }
            guard errno == EINTR else {
                throw PostgresError(.connectionLost, "poll: \(unsafe String(cString: strerror(errno)))")
            }
        }
    }

    /// Rounded up, so that it never comes back too early only to wait again.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = max(.zero, deadline - .now)
        return Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
    }
}

import Glibc

/// The wall clock as the tables store it: milliseconds since 1970-01-01 00:00 UTC.
package enum UnixTime {
    package static func now() -> Int64 {
        nanoseconds() / 1_000_000
    }

    /// The same clock in nanoseconds.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        // It fails only for an unknown clock or a bad address.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

import Glibc

/// A way for other threads to end a wait for notifications, once and for good.
package final class WakeUp: Sendable {
    /// Readable from the moment of the signal on, since nobody reads it.
    let descriptor: Int32
    private let writingEnd: Int32

    /// - Throws: `unreachable`, when the process has too many open files.
    package init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw PostgresError(.unreachable, "pipe: \(unsafe String(cString: strerror(errno)))")
        }
        for end in ends {
            // These can't fail on a descriptor that is open.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writingEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writingEnd)
    }

    package func signal() {
        var byte: UInt8 = 0
        // It fails only when the pipe is full of signals.
        _ = unsafe write(writingEnd, &byte, 1)
    }

    /// Waits for the signal, at most `duration`; returns whether it came.
    package func wait(atMost duration: Duration) throws(PostgresError) -> Bool {
        try Poll.wait(for: [(descriptor, POLLIN)], until: .now + duration)
    }
}

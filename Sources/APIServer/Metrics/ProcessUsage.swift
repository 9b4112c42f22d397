import Glibc

/// What this process takes from the machine.
struct ProcessUsage {
    var residentBytes: Int
    var cpuSeconds: Double

    /// https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html and getrusage(2)
    static func current() -> ProcessUsage {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessUsage(
            residentBytes: residentPages() * sysconf(CInt(_SC_PAGESIZE)),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }

    /// 0 where /proc can't be read.
    private static func residentPages() -> Int {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        let text = unsafe [UInt8](unsafeUninitializedCapacity: 128) { buffer, count in
            count = max(0, unsafe read(descriptor, buffer.baseAddress, buffer.count))
        }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
    }
}

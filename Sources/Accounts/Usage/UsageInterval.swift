/// A piece of time over which usage is summed from one kind of rows.
struct UsageInterval: Hashable, Sendable {
    /// The sums that cover it, whole; nil for the runs themselves.
    let period: UsagePeriod?
    let start: Int64
    let end: Int64

    /// Divides the time from `start` to before `end` into as few sums as there can be, with less than an hour of runs at
    /// either end.
    ///
    /// - Parameter periods: Those whose sums may be used, longest first.
    static func covering(
        from start: Int64, to end: Int64, by periods: ArraySlice<UsagePeriod>
    ) -> [UsageInterval] {
        guard start < end else { return [] }
        guard let period = periods.first else { return [UsageInterval(period: nil, start: start, end: end)] }
        let shorter = periods.dropFirst()
        let wholeStart = period.firstStart(from: start)
        let wholeEnd = period.start(of: end)
        guard wholeStart < wholeEnd else { return covering(from: start, to: end, by: shorter) }
        return covering(from: start, to: wholeStart, by: shorter)
            + [UsageInterval(period: period, start: wholeStart, end: wholeEnd)]
            + covering(from: wholeEnd, to: end, by: shorter)
    }
}

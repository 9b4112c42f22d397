/// Reads for how long a server asks to be left alone. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
enum RetryAfter {
    /// Milliseconds from now; nil if the text is neither a number of seconds nor a date.
    ///
    /// - Parameter now: Seconds since 1970.
    static func milliseconds(_ text: String, now: Int64) -> Int64? {
        if let seconds = number(text) { return min(seconds, Int64.max / 1000) * 1000 }
        return date(text).map { max(0, $0 - now) * 1000 }
    }

    /// Some providers also say it more exactly, in a header `retry-after-ms`.
    static func milliseconds(ofMilliseconds text: String) -> Int64? { number(text) }

    /// A number too large to count is as good as the largest.
    private static func number(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }

    /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`. The two obsolete forms are not read.
    private static func date(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = number(parts[1]), let year = number(parts[3]),
            let month = months.firstIndex(of: String(parts[2])), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").map(number)
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24,
            minute < 60,
            second < 61
        else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Days since 1 January 1970: years begin in March here, so that leap days come last.
    /// https://howardhinnant.github.io/date_algorithms.html#days_from_civil
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * shiftedYear + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
    }
}

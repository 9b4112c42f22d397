/// Times as text: `2026-01-31T12:00:00.123456789Z`. https://www.rfc-editor.org/rfc/rfc3339#section-5.6
enum RFC3339 {
    private static let secondsPerDay: Int64 = 86_400

    /// The time in UTC with as many fractional digits as it takes: none, or nine.
    static func text(unixNano: UInt64) -> String {
        let seconds = Int64(unixNano / 1_000_000_000)
        let fraction = unixNano % 1_000_000_000
        let (year, month, day) = civil(daysSince1970: seconds / secondsPerDay)
        let second = seconds % secondsPerDay
        let time =
            "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
            + "T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
        return fraction == 0 ? "\(time)Z" : "\(time).\(pad(Int64(fraction), 9))Z"
    }

    /// Nanoseconds since 1970; `nil` when the text is no such time, or one before 1970 or after 2554.
    static func unixNano(_ text: String) -> UInt64? {
        var scanner = Scanner(text.utf8[...])
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"),
            let second = scanner.digits(2), (1...12).contains(month), (1...daysIn(month, year)).contains(day),
            hour < 24, minute < 60, second <= 60,
            let fraction = scanner.fraction(), let offset = scanner.offsetSeconds(), scanner.isAtEnd
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second - offset
        guard seconds >= 0, let nanoseconds = UInt64(exactly: seconds)?.multipliedReportingOverflow(by: 1_000_000_000),
            !nanoseconds.overflow
        else { return nil }
        let sum = nanoseconds.partialValue.addingReportingOverflow(fraction)
        return sum.overflow ? nil : sum.partialValue
    }

    private struct Scanner {
        private var rest: Substring.UTF8View.SubSequence

        init(_ text: Substring.UTF8View.SubSequence) {
            self.rest = text
        }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int64? {
            let text = rest.prefix(count)
            guard text.count == count, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest.removeFirst(count)
            return text.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// Nanoseconds; 0 without a fraction. Digits behind the ninth are dropped.
        mutating func fraction() -> UInt64? {
            guard skip(".") else { return 0 }
            let text = rest.prefix { (0x30...0x39).contains($0) }
            guard !text.isEmpty else { return nil }
            rest.removeFirst(text.count)
            let kept = text.prefix(9)
            let value = kept.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
            return (kept.count..<9).reduce(value) { value, _ in value * 10 }
        }

        mutating func offsetSeconds() -> Int64? {
            if skip("Z") || skip("z") { return 0 }
            let sign: Int64 = skip("+") ? 1 : (skip("-") ? -1 : 0)
            guard sign != 0, let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
                return nil
            }
            return sign * (hours * 3600 + minutes * 60)
        }
    }

    private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
    }

    // The two conversions are those of Howard Hinnant, https://howardhinnant.github.io/date_algorithms.html: years begin
    // in March, so that the leap day is the last, and 400 years are an era of 146,097 days.

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

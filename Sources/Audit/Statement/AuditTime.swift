/// A moment in UTC as statements write it, with six digits of fraction.
package struct AuditTime: Hashable, Sendable {
    package let microsecondsSince1970: Int64

    package init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// Such as `2026-11-23T06:00:00.000000Z`.
    package var text: String {
        let (seconds, fraction) = Self.divided(microsecondsSince1970, by: 1_000_000)
        let (days, second) = Self.divided(seconds, by: 86_400)
        let (year, month, day) = Self.date(ofDay: days)
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T"
            + "\(Self.padded(second / 3600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))."
            + "\(Self.padded(fraction, 6))Z"
    }

    /// The minute that it lies in: public statements say no more.
    package var minute: AuditTime {
        let minutes = Self.divided(microsecondsSince1970, by: 60_000_000).quotient
        return AuditTime(microsecondsSince1970: minutes * 60_000_000)
    }

    /// Division that rounds down, also before 1970.
    private static func divided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The date of a day counted from 1 January 1970, in the Gregorian calendar.
    ///
    /// Counts from 1 March of year 0, so that the leap day ends the year.
    /// https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

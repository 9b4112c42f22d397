/// A moment in UTC as statements write it, with six digits of fraction.
package struct AuditTime: Hashable, Sendable {
    package let microsecondsSince1970: Int64

    package init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// Such as `2026-11-23T06:00:00.000000Z`.
    package var text: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The minute that it lies in: public statements say no more.
    package var minute: AuditTime {
        let minutes = Self.divided(microsecondsSince1970, by: 60_000_000).quotient
        return AuditTime(microsecondsSince1970: minutes * 60_000_000)
    }

    /// Whether its year has four digits, so that its text is of the length that statements allow.
    var isWritable: Bool { (-62_167_219_200_000_000..<253_402_300_800_000_000).contains(microsecondsSince1970) }

    /// Appends the text in UTF-8.
    func append(to text: inout [UInt8]) {
        let (seconds, fraction) = Self.divided(microsecondsSince1970, by: 1_000_000)
        let (days, second) = Self.divided(seconds, by: 86_400)
        let (year, month, day) = Self.date(ofDay: days)
        text.append(addingCapacity: 32) { text in
            Self.append(year, width: 4, behind: nil, to: &text)
            Self.append(month, width: 2, behind: "-", to: &text)
            Self.append(day, width: 2, behind: "-", to: &text)
            Self.append(second / 3600, width: 2, behind: "T", to: &text)
            Self.append(second / 60 % 60, width: 2, behind: ":", to: &text)
            Self.append(second % 60, width: 2, behind: ":", to: &text)
            Self.append(fraction, width: 6, behind: ".", to: &text)
            text.append(UInt8(ascii: "Z"))
        }
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

    /// Appends a number with as many digits as the width says, or more if it has more.
    private static func append(
        _ value: Int64, width: Int64, behind separator: Unicode.Scalar?, to text: inout OutputSpan<UInt8>
    ) {
        if let separator { text.append(UInt8(ascii: separator)) }
        if value < 0 { text.append(UInt8(ascii: "-")) }
        var divisor: UInt64 = 1
        for _ in 1..<width { divisor *= 10 }
        while value.magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value.magnitude / divisor % 10))
            divisor /= 10
        }
    }
}

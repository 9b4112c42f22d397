/// A stretch of UTC time that usage is summed over: a calendar month, a day or an hour.
///
/// Times are milliseconds since 1970-01-01 00:00 UTC, from 0 on.
enum UsagePeriod: String, CaseIterable, Sendable {
    case month
    case day
    case hour

    private static let hourMilliseconds: Int64 = 3_600_000
    private static let dayMilliseconds: Int64 = 24 * hourMilliseconds

    /// The beginning of the period that a moment lies in.
    func start(of milliseconds: Int64) -> Int64 {
        switch self {
        case .hour: return milliseconds - milliseconds % Self.hourMilliseconds
        case .day: return milliseconds - milliseconds % Self.dayMilliseconds
        case .month:
            let dayStart = UsagePeriod.day.start(of: milliseconds)
            return dayStart - Int64(CivilDate(milliseconds: dayStart).day - 1) * Self.dayMilliseconds
        }
    }

    /// The beginning of the first period that starts at a moment or after it.
    func firstStart(from milliseconds: Int64) -> Int64 {
        let start = start(of: milliseconds)
        guard start < milliseconds else { return start }
        switch self {
        case .hour: return start + Self.hourMilliseconds
        case .day: return start + Self.dayMilliseconds
        // No month has more than 31 days, and none fewer than 28, so this lies in the next one.
        case .month: return self.start(of: start + 31 * Self.dayMilliseconds)
        }
    }
}

/// A day of the Gregorian calendar.
struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    let year: Int
    let month: Int
    let day: Int

    /// The UTC day of a moment from 1970 on.
    ///
    /// The algorithm counts in eras of 400 years, 146 097 days, and in years that begin with March, so that the leap day
    /// is the last one. https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    init(milliseconds: Int64) {
        let days = Int(milliseconds / 86_400_000) + 719_468
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// `2024-02-29`.
    var description: String {
        "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(day, to: 2))"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

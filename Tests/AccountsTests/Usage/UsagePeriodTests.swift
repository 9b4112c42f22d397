import Foundation
import TestSupport
import Testing

@testable import Accounts

struct UsagePeriodTests {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// Moments from 1970 to 2200, every other one where a day begins.
    private static func randomMoments(seed: UInt64) -> [Int64] {
        var generator = SeededGenerator(seed: seed)
        return (0..<2000).map { index in
            let moment = Int64.random(in: 0..<7_258_118_400_000, using: &generator)
            return index.isMultiple(of: 2) ? moment : moment - moment % 86_400_000
        }
    }

    private static func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    @Test(arguments: zip(UsagePeriod.allCases, [Calendar.Component.month, .day, .hour]))
    func `periods are those of the UTC calendar`(period: UsagePeriod, component: Calendar.Component) throws {
        for moment in Self.randomMoments(seed: 7) {
            let interval = try #require(Self.calendar.dateInterval(of: component, for: Self.date(moment)))
            #expect(Self.date(period.start(of: moment)) == interval.start, "\(moment)")
            let first = period.start(of: moment) == moment ? interval.start : interval.end
            #expect(Self.date(period.firstStart(from: moment)) == first, "\(moment)")
        }
    }

    @Test func `days are named by their date`() {
        for moment in Self.randomMoments(seed: 8) {
            let parts = Self.calendar.dateComponents([.year, .month, .day], from: Self.date(moment))
            let date = CivilDate(milliseconds: moment)
            #expect([date.year, date.month, date.day] == [parts.year, parts.month, parts.day], "\(moment)")
        }
        #expect(CivilDate(milliseconds: 1_709_164_800_000).description == "2024-02-29")
    }

    @Test func `an interval is covered once, by whole periods and less than an hour of runs at either end`() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let length = Int64(1) << Int64.random(in: 0...38, using: &generator)
            let start = Int64.random(in: 0..<4_102_444_800_000, using: &generator)
            let end = start + Int64.random(in: 1...length, using: &generator)
            let pieces = UsageInterval.covering(from: start, to: end, by: UsagePeriod.allCases[...])
            #expect(pieces.first?.start == start)
            #expect(pieces.last?.end == end)
            #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.end == $1.start })
            for piece in pieces {
                guard let period = piece.period else { continue }
                #expect(period.start(of: piece.start) == piece.start && period.start(of: piece.end) == piece.end)
            }
            let runs = pieces.filter { $0.period == nil }.map { $0.end - $0.start }
            #expect(runs.count <= 2)
            // One piece alone may be the end of one hour and the beginning of the next.
            #expect(runs.reduce(0, +) < 2 * 3_600_000)
            #expect(runs.count < 2 || runs.allSatisfy { $0 < 3_600_000 })
            #expect(pieces.count <= 7)
        }
    }
}

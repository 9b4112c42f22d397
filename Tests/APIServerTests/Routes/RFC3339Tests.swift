import Foundation
import TestSupport
import Testing

@testable import APIServer

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2018-12-13T14:51:00Z", 1_544_712_660_000_000_000),
            ("2018-12-13T14:51:00.000000001Z", 1_544_712_660_000_000_001),
            ("2000-02-29T23:59:59Z", 951_868_799_000_000_000),
        ] as [(String, UInt64)])
    func `times are written and read`(text: String, nanoseconds: UInt64) {
        #expect(RFC3339.text(unixNano: nanoseconds) == text)
        #expect(RFC3339.unixNano(text) == nanoseconds)
    }

    @Test func `offsets, short fractions and lower case are read`() {
        #expect(RFC3339.unixNano("2018-12-13T15:51:00.5+01:00") == 1_544_712_660_500_000_000)
        #expect(RFC3339.unixNano("2018-12-13t14:51:00z") == 1_544_712_660_000_000_000)
        #expect(RFC3339.unixNano("2018-12-13T14:21:00-00:30") == 1_544_712_660_000_000_000)
    }

    @Test(arguments: [
        "", "2018", "2018-12-13", "2018-12-13T14:51:00", "2018-13-13T14:51:00Z", "2018-02-29T00:00:00Z",
        "2018-12-13T24:00:00Z", "2018-12-13T14:60:00Z", "2018-12-13T14:51:00.Z", "2018-12-13T14:51:00Zx",
        "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2018-12-13T14:51:00+25:00",
    ])
    func `what is no such time is refused`(text: String) {
        #expect(RFC3339.unixNano(text) == nil)
    }

    @Test func `days agree with Foundation's calendar`() throws {
        var generator = SeededGenerator(seed: 3339)
        for _ in 0..<2000 {
            let seconds = UInt64.random(in: 0...18_446_744_072, using: &generator)
            let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            #expect(RFC3339.text(unixNano: seconds * 1_000_000_000) == expected)
            #expect(RFC3339.unixNano(expected) == seconds * 1_000_000_000)
        }
    }
}

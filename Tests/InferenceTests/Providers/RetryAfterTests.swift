import Testing

@testable import Inference

struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static let example: Int64 = 784_111_777

    @Test(arguments: [("0", 0), ("1", 1_000), ("120", 120_000), ("99999999999999999999", Int64.max / 1000 * 1000)])
    func `a number means seconds`(text: String, milliseconds: Int64) {
        #expect(RetryAfter.milliseconds(text, now: Self.example) == milliseconds)
    }

    @Test func `a date means the time until then`() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(RetryAfter.milliseconds(text, now: Self.example - 30) == 30_000)
        #expect(RetryAfter.milliseconds(text, now: Self.example) == 0)
        #expect(RetryAfter.milliseconds(text, now: Self.example + 30) == 0)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:10 GMT", 10), ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800), ("Fri, 31 Dec 2027 23:59:59 GMT", 1_830_297_599),
        ("Mon, 01 Mar 2100 12:00:00 GMT", 4_107_585_600),
    ])
    func `dates are counted by the calendar`(text: String, seconds: Int64) {
        #expect(RetryAfter.milliseconds(text, now: 0) == seconds * 1000)
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "soon", "1 s", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
    ])
    func `anything else says nothing`(text: String) {
        #expect(RetryAfter.milliseconds(text, now: 0) == nil)
    }
}

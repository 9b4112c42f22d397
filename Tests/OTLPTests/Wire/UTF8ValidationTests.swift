import OTLP
import Testing

@Suite struct UTF8ValidationTests {
    private func accepts(_ name: [UInt8]) -> Bool {
        refusal(of: requestHoldingSpan({ $0.content(5, name) })) == nil
    }

    /// The standard library's own opinion.
    private func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    @Test func `every sequence of one or two bytes is judged as the standard library does`() {
        for first in UInt8.min...UInt8.max {
            #expect(accepts([first]) == isUTF8([first]))
            for second in UInt8.min...UInt8.max where accepts([first, second]) != isUTF8([first, second]) {
                Issue.record("\(first) \(second)")
            }
        }
    }

    @Test func `the borders of three and four byte sequences are judged as the standard library does`() {
        let borders: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for lead in UInt8(0xE0)...0xFF {
            for second in borders {
                for third in borders {
                    #expect(accepts([lead, second, third]) == isUTF8([lead, second, third]))
                    for fourth in borders
                    where
                        accepts([lead, second, third, fourth]) != isUTF8([lead, second, third, fourth])
                    {
                        Issue.record("\(lead) \(second) \(third) \(fourth)")
                    }
                }
            }
        }
    }

    @Test func `a stray byte is found at every place of strings of every length`() {
        for count in 1...40 {
            for place in 0..<count {
                var name = [UInt8](repeating: UInt8(ascii: "x"), count: count)
                #expect(accepts(name))
                name[place] = 0x80
                #expect(!accepts(name), "\(place) of \(count)")
            }
        }
    }
}

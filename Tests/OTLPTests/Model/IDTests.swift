import OTLP
import Testing

@Suite struct IDTests {
    @Test func `ids are read from hexadecimal digits of either case and written in lowercase`() {
        #expect(
            TraceID(hex: "5B8EFFF798038103d269b633813fc60c")
                == TraceID(high: 0x5B8E_FFF7_9803_8103, low: 0xD269_B633_813F_C60C))
        #expect(TraceID(high: 1, low: 0xA).hex == "0000000000000001000000000000000a")
        #expect(SpanID(hex: "EEE19B7EC3C1B174")?.hex == "eee19b7ec3c1b174")
    }

    @Test(arguments: ["", "5b8e", String(repeating: "g", count: 32), String(repeating: "0", count: 33), "+b8e"])
    func `anything but the right number of digits is no id`(text: String) {
        #expect(TraceID(hex: text) == nil)
        #expect(SpanID(hex: text) == nil)
    }

    @Test func `ids are read from exactly as many bytes as they have, most significant first`() {
        [UInt8](0..<16).withBytes { bytes in
            #expect(TraceID(bytes: bytes)?.hex == "000102030405060708090a0b0c0d0e0f")
            #expect(TraceID(bytes: bytes.extracting(0..<15)) == nil)
            #expect(SpanID(bytes: bytes.extracting(1..<9))?.hex == "0102030405060708")
            #expect(SpanID(bytes: bytes) == nil)
        }
    }

    @Test func `ids are ordered like their digits`() {
        #expect(TraceID(high: 1, low: 0) > TraceID(high: 0, low: .max))
        #expect(TraceID(high: 1, low: 1) > TraceID(high: 1, low: 0))
        #expect(SpanID(rawValue: 1) < SpanID(rawValue: .max))
        #expect(TraceID(high: 0, low: 0).isZero && !TraceID(high: 0, low: 1).isZero)
    }
}

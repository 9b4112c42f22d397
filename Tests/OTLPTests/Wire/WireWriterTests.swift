import OTLP
import Testing

@Suite struct WireWriterTests {
    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
    func `a sub-message's length is the shortest varint`(count: Int) {
        let content = [UInt8](repeating: 7, count: count)
        let nested = message { $0.message(1) { $0.fields(content) } }
        #expect(nested == message { $0.content(1, content) })
        #expect(Array(nested.suffix(count)) == content)
    }

    @Test func `every kind of field is laid out as the encoding says`() {
        let fields = message { writer in
            writer.varint(1, 150)
            writer.string(2, "testing")
            writer.fixed32(3, 0x0102_0304)
            writer.fixed64(16, 1)
            writer.varint(1, .max)
        }
        #expect(
            fields
                == bytes(
                    hex: "089601 120774657374696e67 1d04030201 81010100000000000000 08ffffffffffffffffff01"))
    }
}

import Audit
import Testing

struct RecordRandomnessTests {
    @Test func `key and id are the bytes given, but for those that make the id a UUID of version 4`() throws {
        let randomness = try #require(RecordRandomness(bytes: [UInt8](1...64)))
        #expect(randomness.keyBytes == [UInt8](1...32))
        #expect(randomness.recordID.recordText == "vaas_2122232425264728a92a2b2c2d2e2f30")
        #expect(randomness.recordID.auditText == "21222324-2526-4728-a92a-2b2c2d2e2f30")
        #expect(RecordRandomness(bytes: [UInt8](1...63)) == nil)
        #expect(RecordRandomness(bytes: [UInt8](1...65)) == nil)
    }

    @Test func `no two are alike, wherever they come from`() throws {
        var generator = SystemRandomNumberGenerator()
        let all = [
            try RecordRandomness(), try RecordRandomness(), RecordRandomness(using: &generator),
            RecordRandomness(using: &generator),
        ]
        #expect(Set(all.map(\.recordID)).count == all.count)
        #expect(Set(all.map(\.keyBytes)).count == all.count)
    }

    @Test func `it is not printed`() throws {
        let randomness = try #require(RecordRandomness(bytes: [UInt8](repeating: 77, count: 64)))
        #expect("\(randomness) \(String(reflecting: randomness))" == "<redacted> <redacted>")
        #expect(Mirror(reflecting: randomness).children.isEmpty)
    }
}

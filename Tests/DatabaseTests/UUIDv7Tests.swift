import Testing

@testable import Database

struct UUIDv7Tests {
    private struct Sequence: RandomNumberGenerator {
        var numbers: [UInt64]
        mutating func next() -> UInt64 { numbers.removeFirst() }
    }

    /// https://www.rfc-editor.org/rfc/rfc9562#appendix-A.6
    @Test func `the standard's example comes out`() {
        var generator = Sequence(numbers: [0xCC3, 0x18C4_DC0C_0C07_398F])
        let id = UUIDv7(milliseconds: 0x017F_22E2_79B0, using: &generator)
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test func `version and variant hold whatever the random bits are`() {
        var generator = Sequence(numbers: [.max, .max])
        let id = UUIDv7(milliseconds: -1, using: &generator)
        #expect(id.description == "ffffffff-ffff-7fff-bfff-ffffffffffff")
    }

    @Test func `text comes back as the same id, in either case`() throws {
        let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        #expect(try #require(UUIDv7(text)).description == text)
        #expect(UUIDv7(text.uppercased()) == UUIDv7(text))
    }

    @Test(arguments: [
        "", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f", "017f22e2+79b0-7cc3-98c4-dc0c0c07398f",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2-79b0-7cc3-98c4-dc0c0c0739é",
    ])
    func `other text is no id`(text: String) {
        #expect(UUIDv7(text) == nil)
    }

    @Test func `later ids sort after earlier ones, as values and as text`() {
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<100).map { UUIDv7(milliseconds: 1_700_000_000_000 + $0 * 977, using: &generator) }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }
}

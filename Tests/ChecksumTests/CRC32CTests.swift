import Glibc
import Testing

@testable import Checksum

@Suite struct CRC32CTests {
    /// https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4, whose checksums are printed in wire order, and the check
    /// value of the catalogue of parametrised CRC algorithms.
    static let vectors: [(name: String, bytes: [UInt8], checksum: UInt32)] = [
        ("check value", Array("123456789".utf8), 0xE306_9283),
        ("nothing", [], 0),
        ("32 bytes of zeroes", Array(repeating: 0, count: 32), 0x8A91_36AA),
        ("32 bytes of ones", Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        ("32 bytes incrementing", Array(0..<32), 0x46DD_794E),
        ("32 bytes decrementing", (0..<32).reversed(), 0x113F_DB5C),
        (
            "an iSCSI read command",
            [
                0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
                0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            ], 0xD996_3A56
        ),
    ]

    @Test(arguments: vectors.indices)
    func `a published vector has its published checksum`(index: Int) {
        let vector = Self.vectors[index]
        #expect(checksum(vector.bytes[...]) == vector.checksum, "\(vector.name)")
    }

    @Test func `every length and alignment agrees with the definition`() {
        let bytes = noise(count: 1_100)
        for offset in 0..<17 {
            for length in Array(0...300) + [511, 512, 513, 1_023, 1_024, 1_025] {
                let part = bytes[offset..<(offset + length)]
                #expect(checksum(part) == reference(part))
            }
        }
    }

    @Test func `pieces give the checksum of the whole`() {
        let bytes = noise(count: 257)
        let whole = checksum(bytes[...])
        for cut in 0...bytes.count {
            var checksum = CRC32C()
            unsafe checksum.update(bytes.span.bytes.extracting(0..<cut))
            checksum.update(RawSpan())
            unsafe checksum.update(bytes.span.bytes.extracting(cut..<bytes.count))
            #expect(checksum.value == whole)
        }
    }

    @Test func `an input that is longer than the C length is summed whole`() {
        // The bytes are untouched zeroed memory, which the kernel backs with one page, as the sum only reads them.
        let count = Int(Int32.max) + 4_096
        let zeroes = [UInt8](repeating: 0, count: 1 << 20)
        var pieces = CRC32C()
        for _ in 0..<(count >> 20) { unsafe pieces.update(zeroes.span.bytes) }
        unsafe pieces.update(zeroes.span.bytes.extracting(0..<(count & 0xF_FFFF)))

        guard let memory = unsafe calloc(1, count) else {
            Issue.record("there is not enough address space")
            return
        }
        defer { unsafe free(memory) }
        let whole = unsafe CRC32C.checksum(RawSpan(_unsafeStart: memory, byteCount: count))
        #expect(whole == pieces.value)
    }

    @Test func `one flipped bit changes the checksum`() {
        var bytes = noise(count: 64)
        let before = checksum(bytes[...])
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(checksum(bytes[...]) != before)
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
    }

    private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe CRC32C.checksum(bytes.span.bytes)
    }

    /// The definition, bit by bit, with the reflected polynomial.
    private func reference(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var register: UInt32 = ~0
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0x82F6_3B78 : register >> 1 }
        }
        return ~register
    }

    private func noise(count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }
}

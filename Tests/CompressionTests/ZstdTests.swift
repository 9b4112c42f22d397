import Compression
import Testing

@Suite struct ZstdTests {
    static let contents: [[UInt8]] = [
        [], [7], Fixture.text, Array(repeating: 9, count: 1 << 20), noise(count: 300_000),
        Array(repeatElement(Fixture.text, count: 5_000).joined()),
    ]

    @Test(arguments: [-7, 1, 3, 19] as [Int32])
    func `what goes in comes out, from one context for many`(level: Int32) throws {
        for checksum in [false, true] {
            var compressor = try ZstdCompressor(level: level, checksum: checksum)
            var decompressor = try ZstdDecompressor()
            for content in Self.contents {
                let frame = try compressor.compress(content)
                let back = try decompressor.decompress(frame, size: content.count)
                #expect(back == content)
                #expect(try Zstd.decompress(frame, size: content.count) == content)
                for pieceSize in [1_000, .max] {
                    #expect(try inflate(frame, .zstd, outputLimit: content.count, pieceSize: pieceSize) == content)
                }
            }
        }
    }

    @Test func `one call makes the same frame as a context`() throws {
        var compressor = try ZstdCompressor(level: 3)
        let frame = try Zstd.compress(Fixture.text, level: 3)
        let again = try compressor.compress(Fixture.text)
        #expect(frame == again)
    }

    @Test func `frames are appended to what a buffer holds`() throws {
        var compressor = try ZstdCompressor(level: 1)
        let frame = try compressor.compress(Fixture.text)
        var buffer: [UInt8] = [1, 2, 3]
        let text = Fixture.text
        try unsafe compressor.compress(text.span.bytes, appendingTo: &buffer)
        try unsafe compressor.compress(text.span.bytes, appendingTo: &buffer)
        #expect(buffer == [1, 2, 3] + frame + frame)
    }

    @Test func `a frame of the reference tool is read`() throws {
        #expect(try Zstd.decompress(Fixture.zstd, size: Fixture.text.count) == Fixture.text)
    }

    @Test func `any other size than the one inside is refused`() throws {
        for content in Self.contents {
            let frame = try Zstd.compress(content, level: 1)
            for size in [content.count - 1, content.count + 1, 0, -1, Int.max, Int.min] where size != content.count {
                #expect(refusal(of: frame, size: size) == .corrupt)
            }
        }
    }

    @Test func `a second frame behind the first is refused`() throws {
        let frame = try Zstd.compress(Fixture.text, level: 1)
        #expect(refusal(of: frame + frame, size: Fixture.text.count) == .corrupt)
        #expect(refusal(of: frame + frame, size: 2 * Fixture.text.count) == .corrupt)
    }

    @Test func `a cut frame is refused`() {
        for count in 0..<Fixture.zstd.count {
            #expect(refusal(of: Array(Fixture.zstd[..<count]), size: Fixture.text.count) == .corrupt)
        }
    }

    @Test func `a flipped bit in a frame with a checksum is noticed or changes nothing`() throws {
        var decompressor = try ZstdDecompressor()
        for bit in 0..<(Fixture.zstd.count * 8) {
            var changed = Fixture.zstd
            changed[bit / 8] ^= 1 << (bit % 8)
            guard let output = try? decompressor.decompress(changed, size: Fixture.text.count) else {
                continue
            }
            #expect(output == Fixture.text)
        }
        // A context is as good as new after all these errors.
        let output = try decompressor.decompress(Fixture.zstd, size: Fixture.text.count)
        #expect(output == Fixture.text)
    }

    private func refusal(of frame: [UInt8], size: Int) -> CompressionError.Code? {
        do throws(CompressionError) {
            _ = try Zstd.decompress(frame, size: size)
            return nil
        } catch {
            return error.code
        }
    }

    private static func noise(count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }
}

import Compression
import Testing

@Suite struct OutputLimitTests {
    @Test(arguments: ContentCoding.allCases)
    func `a body of exactly the limit fits and one byte less is exceeded`(coding: ContentCoding) throws {
        let compressed = Fixture.compressed(coding)
        for pieceSize in [1, 7, .max] {
            let output = try inflate(compressed, coding, outputLimit: Fixture.text.count, pieceSize: pieceSize)
            #expect(output == Fixture.text)
            for limit in 0..<Fixture.text.count {
                #expect(
                    refusal(of: compressed, coding, outputLimit: limit, pieceSize: pieceSize) == .outputLimitExceeded)
            }
        }
    }

    @Test func `what was in the output before does not count`() throws {
        var output: [UInt8] = Array("before".utf8)
        var decompressor = try Decompressor(.gzip, outputLimit: Fixture.text.count)
        let compressed = Fixture.gzip
        try unsafe decompressor.append(compressed.span.bytes, to: &output)
        try decompressor.finish()
        #expect(output == Array("before".utf8) + Fixture.text)
    }

    @Test func `a small body reserves little`() throws {
        var output: [UInt8] = []
        var decompressor = try Decompressor(.gzip, outputLimit: 1 << 30)
        let compressed = Fixture.gzip
        try unsafe decompressor.append(compressed.span.bytes, to: &output)
        #expect(output.capacity < 20 << 10)
    }

    @Test func `a gzip bomb of 10 MiB stops at the limit`() throws {
        let member = Fixture.zeroesGzip
        #expect(try inflate(member, .gzip, outputLimit: 1 << 20) == Array(repeating: 0, count: 1 << 20))
        let bomb = Array(repeatElement(member, count: (10 << 20) / member.count).joined())
        try expectStop(bomb, .gzip)
    }

    @Test func `a zstd bomb stops at the limit`() throws {
        let bomb = Fixture.repeatingZstd(blockSizes: Array(repeating: 128 << 10, count: 80_000))
        try expectStop(bomb, .zstd)
    }

    @Test func `a bomb of empty members writes nothing and ends`() throws {
        let body = Array(repeatElement(Fixture.emptyGzip, count: 50_000).joined())
        #expect(try inflate(body, .gzip, outputLimit: 0).isEmpty)
    }

    /// Feeds a body that holds about 10 GiB and expects that neither the output nor its room ever passes the limit.
    private func expectStop(_ bomb: [UInt8], _ coding: ContentCoding) throws {
        let limit = (48 << 20) + 5
        // An allocation is rounded up to whole pages, and the array knows that.
        let page = 4_096
        var decompressor = try Decompressor(coding, outputLimit: limit)
        var output: [UInt8] = []
        var offset = 0
        var code: CompressionError.Code?
        while code == nil, offset < bomb.count {
            let end = min(offset + (64 << 10), bomb.count)
            do throws(CompressionError) {
                try unsafe decompressor.append(bomb.span.bytes.extracting(offset..<end), to: &output)
            } catch {
                code = error.code
            }
            #expect(output.count <= limit)
            #expect(output.capacity <= limit + page)
            offset = end
        }
        #expect(code == .outputLimitExceeded)
        #expect(output.count == limit)
    }
}

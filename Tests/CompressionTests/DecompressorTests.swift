import Compression
import Testing

@Suite struct DecompressorTests {
    @Test(arguments: ContentCoding.allCases)
    func `a body inflates alike however it is cut`(coding: ContentCoding) throws {
        let compressed = Fixture.compressed(coding)
        for pieceSize in 1...compressed.count {
            #expect(try inflate(compressed, coding, pieceSize: pieceSize) == Fixture.text)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func `a body cut at any byte is refused as truncated`(coding: ContentCoding) {
        let compressed = Fixture.compressed(coding)
        for count in 0..<compressed.count {
            #expect(refusal(of: Array(compressed[..<count]), coding) == .truncated)
            #expect(refusal(of: Array(compressed[..<count]), coding, pieceSize: 1) == .truncated)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func `a flipped bit is noticed or changes nothing`(coding: ContentCoding) throws {
        let compressed = Fixture.compressed(coding)
        var noticed = 0
        for bit in 0..<(compressed.count * 8) {
            var changed = compressed
            changed[bit / 8] ^= 1 << (bit % 8)
            for pieceSize in [1, .max] {
                do throws(CompressionError) {
                    let output = try inflate(changed, coding, pieceSize: pieceSize)
                    #expect(output == Fixture.text)
                } catch {
                    noticed += 1
                }
            }
        }
        // gzip's header has 58 bits that nothing depends on: time, operating system, and hints.
        #expect(noticed >= 2 * (compressed.count * 8 - 60))
    }

    @Test(arguments: ContentCoding.allCases)
    func `what follows the end is refused as corrupt`(coding: ContentCoding) {
        let compressed = Fixture.compressed(coding)
        for garbage in [[0], [0x20], [0xFF, 0xFF], Array("garbage".utf8)] as [[UInt8]] {
            #expect(refusal(of: compressed + garbage, coding) == .corrupt)
            #expect(refusal(of: compressed + garbage, coding, pieceSize: 1) == .corrupt)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func `another format is refused as corrupt`(coding: ContentCoding) {
        for other in ContentCoding.allCases where other != coding {
            #expect(refusal(of: Fixture.compressed(other), coding) == .corrupt)
        }
        #expect(refusal(of: Fixture.text, coding) == .corrupt)
    }

    @Test(arguments: ContentCoding.allCases)
    func `pieces without bytes change nothing`(coding: ContentCoding) throws {
        var decompressor = try Decompressor(coding, outputLimit: 1 << 20)
        var output: [UInt8] = []
        try decompressor.append(RawSpan(), to: &output)
        for byte in Fixture.compressed(coding) {
            let piece = [byte]
            try unsafe decompressor.append(piece.span.bytes, to: &output)
            try decompressor.append(RawSpan(), to: &output)
        }
        try decompressor.finish()
        #expect(output == Fixture.text)
    }

    @Test(arguments: ContentCoding.allCases)
    func `an error is final`(coding: ContentCoding) throws {
        var decompressor = try Decompressor(coding, outputLimit: Fixture.text.count - 1)
        var output: [UInt8] = []
        let compressed = Fixture.compressed(coding)
        for _ in 0..<2 {
            do throws(CompressionError) {
                try unsafe decompressor.append(compressed.span.bytes, to: &output)
                Issue.record("an error was forgotten")
            } catch {
                #expect(error.code == .outputLimitExceeded)
            }
        }
        do throws(CompressionError) {
            try decompressor.finish()
            Issue.record("an error was forgotten")
        } catch {
            #expect(error.code == .outputLimitExceeded)
        }
    }

    @Test func `gzip members in a row are one body`() throws {
        let body = Fixture.emptyGzip + Fixture.gzip + Fixture.emptyGzip + Fixture.gzip
        for pieceSize in 1...body.count {
            #expect(try inflate(body, .gzip, pieceSize: pieceSize) == Fixture.text + Fixture.text)
        }
        #expect(try inflate(Fixture.emptyGzip, .gzip, outputLimit: 0).isEmpty)
        #expect(refusal(of: Fixture.gzip + Fixture.gzip.dropLast(), .gzip) == .truncated)
    }

    @Test func `the first bytes of one more member or frame are refused as truncated`() {
        #expect(refusal(of: Fixture.gzip + Fixture.gzip.prefix(1), .gzip) == .truncated)
        for count in 1...4 {
            #expect(refusal(of: Fixture.zstd + Fixture.zstd.prefix(count), .zstd) == .truncated)
        }
    }

    @Test func `what a piece holds comes out with it, however little room there was`() throws {
        // A member behind its tables, where every byte stands for 1 KiB, and a frame behind its first block.
        let pieces: [(ContentCoding, [UInt8])] =
            (27..<60).map { (.gzip, Array(Fixture.zeroesGzip.prefix($0))) }
            + [(.zstd, Array(Fixture.repeatingZstd(blockSizes: [100_000, 1]).dropLast(4)))]
        for (coding, piece) in pieces {
            let counts = try [1, 1 << 20].map { room in
                var decompressor = try Decompressor(coding, outputLimit: 1 << 20)
                var output: [UInt8] = []
                output.reserveCapacity(room)
                try unsafe decompressor.append(piece.span.bytes, to: &output)
                return output.count
            }
            #expect(counts[0] == counts[1] && counts[0] > 1_000)
        }
    }

    @Test func `a zlib stream stands alone`() {
        #expect(refusal(of: Fixture.deflate + Fixture.deflate, .deflate) == .corrupt)
    }

    @Test func `bare deflate blocks are refused`() {
        #expect(refusal(of: Array(Fixture.deflate.dropFirst(2).dropLast(4)), .deflate) == .corrupt)
    }

    @Test func `a gzip member with a wrong checksum or length is refused`() {
        for position in (Fixture.gzip.count - 8)..<Fixture.gzip.count {
            var changed = Fixture.gzip
            changed[position] &+= 1
            #expect(refusal(of: changed, .gzip) == .corrupt)
        }
    }

    @Test func `zstd frames and skippable frames in a row are one body`() throws {
        let body =
            Fixture.skippableZstd([]) + Fixture.zstd + Fixture.skippableZstd(Array("ignored".utf8)) + Fixture.zstd
            + Fixture.skippableZstd([0x28])
        for pieceSize in 1...body.count {
            #expect(try inflate(body, .zstd, pieceSize: pieceSize) == Fixture.text + Fixture.text)
        }
        #expect(try inflate(Fixture.skippableZstd([1, 2, 3]), .zstd).isEmpty)
        #expect(refusal(of: Fixture.zstd + Fixture.skippableZstd([1, 2, 3]).dropLast(), .zstd) == .truncated)
    }

    @Test func `a zstd window of 8 MiB is the largest`() throws {
        let blockSizes = [1_000]
        for pieceSize in [1, 4, 5, 6, 7, .max] {
            let allowed = Fixture.repeatingZstd(blockSizes: blockSizes, windowLog: 23)
            #expect(try inflate(allowed, .zstd, pieceSize: pieceSize).count == 1_000)
            let tooLarge = Fixture.repeatingZstd(blockSizes: blockSizes, windowLog: 24)
            #expect(refusal(of: tooLarge, .zstd, pieceSize: pieceSize) == .windowTooLarge)
            let larger = Fixture.repeatingZstd(blockSizes: blockSizes, windowLog: 31)
            #expect(refusal(of: larger, .zstd, pieceSize: pieceSize) == .windowTooLarge)
        }
    }

    @Test func `a zstd frame of one segment is refused above 8 MiB however it is cut`() throws {
        let blocks = Array(repeating: 128 << 10, count: 64)
        for pieceSize in [1, 4, 9, .max] {
            let allowed = Fixture.repeatingSingleSegmentZstd(blockSizes: blocks)
            #expect(try inflate(allowed, .zstd, outputLimit: 16 << 20, pieceSize: pieceSize).count == 8 << 20)
            let tooLarge = Fixture.repeatingSingleSegmentZstd(blockSizes: blocks + [1])
            #expect(refusal(of: tooLarge, .zstd, outputLimit: 16 << 20, pieceSize: pieceSize) == .windowTooLarge)
        }
    }

    @Test func `zstd formats from before its standard are refused at their magic number`() {
        for version in 0x22...0x27 as ClosedRange<UInt8> {
            #expect(refusal(of: [version, 0xB5, 0x2F, 0xFD], .zstd) == .corrupt)
        }
    }
}

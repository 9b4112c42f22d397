import Checksum

/// The journal's bytes, version 1; `docs/span-store.md` describes them for people.
///
/// A file is a header of 4,096 bytes and frames at multiples of 64. One frame is one commit: everything in it became
/// durable in one sync, so a frame is replayed whole or not at all.
enum JournalFormat {
    static let magic: UInt64 = 0x314C_4E52_4A4E_5442  // "BTNJRNL1"
    static let version: UInt32 = 1
    static let headerSize = 4096
    static let frameMagic: UInt32 = 0x4D52_4642  // "BFRM"
    static let frameHeaderSize = 40
    static let recordHeaderSize = 32
    static let alignment = 64

    static func aligned(_ size: Int) -> Int { (size + alignment - 1) / alignment * alignment }
}

/// What the first block of a journal file says.
struct JournalFileHeader: Equatable {
    var number: UInt64
    /// The number that this file's first frame carries; the file before it ends with the one below.
    var firstFrame: UInt64
    var size: UInt64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: JournalFormat.magic)
        bytes.append(littleEndian: JournalFormat.version)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: number)
        bytes.append(littleEndian: firstFrame)
        bytes.append(littleEndian: size)
        bytes.append(littleEndian: CRC32C.checksum(unsafe bytes.span.bytes))
        bytes.append(contentsOf: repeatElement(0, count: JournalFormat.headerSize - bytes.count))
        return bytes
    }

    /// `nil` when the bytes are no header of a known version, or damaged.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.read(UInt64.self) == JournalFormat.magic,
            reader.read(UInt32.self) == JournalFormat.version,
            reader.read(UInt32.self) != nil,
            let number = reader.read(UInt64.self),
            let firstFrame = reader.read(UInt64.self),
            let size = reader.read(UInt64.self)
        else { return nil }
        let checked = unsafe CRC32C.checksum(bytes.span.bytes.extracting(0..<reader.offset))
        guard reader.read(UInt32.self) == checked else { return nil }
        self.init(number: number, firstFrame: firstFrame, size: size)
    }

    init(number: UInt64, firstFrame: UInt64, size: UInt64) {
        self.number = number
        self.firstFrame = firstFrame
        self.size = size
    }
}

/// What stands before a frame's records.
///
/// The header has a checksum of its own, so that the length can be trusted when the records are damaged, and carries
/// the file's number, so that frames left from a recycled file's former life are never taken for new ones.
struct JournalFrameHeader: Equatable {
    var journal: UInt64
    var frame: UInt64
    var payloadSize: UInt32
    var recordCount: UInt32
    var payloadChecksum: UInt32

    func encode(into bytes: inout [UInt8], at start: Int) {
        var header: [UInt8] = []
        header.reserveCapacity(JournalFormat.frameHeaderSize)
        header.append(littleEndian: JournalFormat.frameMagic)
        header.append(littleEndian: payloadSize)
        header.append(littleEndian: journal)
        header.append(littleEndian: frame)
        header.append(littleEndian: recordCount)
        header.append(littleEndian: payloadChecksum)
        header.append(littleEndian: UInt32(0))
        header.append(littleEndian: CRC32C.checksum(unsafe header.span.bytes))
        bytes.replaceSubrange(start..<(start + JournalFormat.frameHeaderSize), with: header)
    }

    /// `nil` when no undamaged frame header of that file is at `offset`.
    init?(_ bytes: [UInt8], at offset: Int, journal: UInt64) {
        var reader = ByteReader(bytes, at: offset)
        guard reader.remaining >= JournalFormat.frameHeaderSize,
            reader.read(UInt32.self) == JournalFormat.frameMagic,
            let payloadSize = reader.read(UInt32.self),
            reader.read(UInt64.self) == journal,
            let frame = reader.read(UInt64.self),
            let recordCount = reader.read(UInt32.self),
            let payloadChecksum = reader.read(UInt32.self),
            reader.read(UInt32.self) != nil
        else { return nil }
        let checked = unsafe CRC32C.checksum(bytes.span.bytes.extracting(offset..<reader.offset))
        guard reader.read(UInt32.self) == checked else { return nil }
        self.init(
            journal: journal, frame: frame, payloadSize: payloadSize, recordCount: recordCount,
            payloadChecksum: payloadChecksum)
    }

    init(journal: UInt64, frame: UInt64, payloadSize: UInt32, recordCount: UInt32, payloadChecksum: UInt32) {
        self.journal = journal
        self.frame = frame
        self.payloadSize = payloadSize
        self.recordCount = recordCount
        self.payloadChecksum = payloadChecksum
    }

    /// Bytes from this frame's start to the next one's.
    var stride: Int { JournalFormat.aligned(JournalFormat.frameHeaderSize + Int(payloadSize)) }
}

import Checksum

/// Reads a journal file back after a restart.
///
/// A crash can tear only the last frame, because a frame is written after the one before it was synced. So the first
/// damaged frame ends the file, unless a whole one stands behind it: then acknowledged data was damaged, which is
/// reported and never passed over in silence, and the whole frames behind are served.
struct JournalReplay {
    let header: JournalFileHeader
    /// Where the next frame goes.
    private(set) var end = JournalFormat.headerSize
    private(set) var nextFrame: UInt64
    /// What was found damaged, for the operator.
    private(set) var damage: [String] = []

    private let name: String

    /// - Parameters:
    ///   - frameLimit: the first frame of the next file, when there is one: frames from there on were never
    ///     acknowledged, those below must all be here.
    ///   - body: gets every record in order.
    /// - Returns: `nil` when the file's header is damaged or of an unknown version.
    init?(
        _ path: String, name: String, frameLimit: UInt64?, in system: FileSystem,
        _ body: (JournalRecord) -> Void
    ) throws(FileError) {
        let file = try File(path, .read, in: system)
        guard let header = JournalFileHeader(try file.read(at: 0, count: JournalFormat.headerSize)) else { return nil }
        self.header = header
        self.name = name
        self.nextFrame = header.firstFrame
        try run(file, size: min(try file.size(), Int(header.size)), frameLimit: frameLimit ?? .max, body)
        if let frameLimit, nextFrame < frameLimit {
            damage.append("\(name): frames \(nextFrame) to \(frameLimit - 1) are missing or damaged")
        }
    }

    private mutating func run(
        _ file: borrowing File, size: Int, frameLimit: UInt64, _ body: (JournalRecord) -> Void
    ) throws(FileError) {
        while nextFrame < frameLimit {
            if let (header, records) = try wholeFrame(in: file, at: end, size: size), header.frame == nextFrame {
                for record in records { body(record) }
                end += header.stride
                nextFrame += 1
            } else if let later = try frameBehind(end, in: file, size: size), later.frame < frameLimit {
                damage.append(
                    "\(name): \(later.offset - end) bytes at offset \(end), frames \(nextFrame) to \(later.frame - 1), "
                        + "are damaged")
                end = later.offset
                nextFrame = later.frame
            } else {
                return
            }
        }
    }

    /// The frame at `offset` with its records, when nothing in it is damaged.
    private func wholeFrame(
        in file: borrowing File, at offset: Int, size: Int
    ) throws(FileError) -> (JournalFrameHeader, [JournalRecord])? {
        let start = try file.read(at: offset, count: JournalFormat.frameHeaderSize)
        guard let frame = JournalFrameHeader(start, at: 0, journal: header.number), offset + frame.stride <= size
        else { return nil }
        let payload = try file.read(at: offset + JournalFormat.frameHeaderSize, count: Int(frame.payloadSize))
        guard payload.count == Int(frame.payloadSize),
            CRC32C.checksum(unsafe payload.span.bytes) == frame.payloadChecksum,
            let records = JournalRecord.records(in: payload, count: frame.recordCount)
        else { return nil }
        return (frame, records)
    }

    /// The first whole frame of this file behind `offset`.
    private func frameBehind(
        _ offset: Int, in file: borrowing File, size: Int
    ) throws(FileError) -> (offset: Int, frame: UInt64)? {
        let windowSize = 1 << 20
        var windowStart = offset + JournalFormat.alignment
        while windowStart < size {
            let window = try file.read(at: windowStart, count: min(windowSize, size - windowStart))
            if window.isEmpty { return nil }
            for position in stride(from: 0, to: window.count, by: JournalFormat.alignment) {
                guard let candidate = JournalFrameHeader(window, at: position, journal: header.number),
                    candidate.frame > nextFrame,
                    let (frame, _) = try wholeFrame(in: file, at: windowStart + position, size: size)
                else { continue }
                return (windowStart + position, frame.frame)
            }
            windowStart += window.count
        }
        return nil
    }
}

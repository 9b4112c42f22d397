import OTLP

/// What a start finds on disk: the blocks, and the journal files that no block holds yet, read back into heads.
struct Recovery {
    private(set) var blocks: [Block]
    private(set) var frozen: [FrozenHead] = []
    private(set) var active: Head
    private(set) var damage: [String]
    private(set) var replayedSpans = 0
    /// The newest journal file, when it can be continued.
    private var continued: JournalReplay?
    private var nextFrame: UInt64 = 1

    init(journals: JournalFolder, blocks folder: BlockFolder, in system: FileSystem) throws {
        (blocks, damage) = try folder.open()
        let sealed = blocks.map(\.journals)
        var numbers: [UInt64] = []
        for number in try journals.scan() {
            if sealed.contains(where: { $0.contains(number) }) {
                try journals.recycle(number...number)
            } else {
                numbers.append(number)
            }
        }
        active = Head(journal: max(numbers.last ?? 0, sealed.map(\.upperBound).max() ?? 0) + 1)

        let limits = try Self.frameLimits(of: numbers, in: journals, system)
        for (number, limit) in zip(numbers, limits) {
            try replay(number, frameLimit: limit, isNewest: number == numbers.last, in: journals, system)
        }
    }

    /// Where appending goes on: in the newest file behind its last whole frame, or in a file yet to be made.
    func openJournal(in journals: JournalFolder, _ system: FileSystem) throws -> JournalPosition {
        let file: JournalFile? =
            if let continued {
                try JournalFile(continuing: continued, at: journals.filePath(continued.header.number), in: system)
            } else {
                nil
            }
        return JournalPosition(file: file, number: active.journals.upperBound, nextFrame: nextFrame)
    }

    /// For each file the first frame of the one behind it: what ends it.
    private static func frameLimits(
        of numbers: [UInt64], in journals: JournalFolder, _ system: FileSystem
    ) throws -> [UInt64?] {
        var firstFrames: [UInt64?] = []
        for number in numbers {
            let file = try File(journals.filePath(number), .read, in: system)
            firstFrames.append(JournalFileHeader(try file.read(at: 0, count: JournalFormat.headerSize))?.firstFrame)
        }
        return Array(firstFrames.dropFirst()) + (numbers.isEmpty ? [] : [nil])
    }

    private mutating func replay(
        _ number: UInt64, frameLimit: UInt64?, isNewest: Bool, in journals: JournalFolder, _ system: FileSystem
    ) throws {
        var head = Head(journal: number)
        var refused: [String] = []
        let name = FileName.name(number, extension: "journal")
        let replay = try JournalReplay(journals.filePath(number), name: name, frameLimit: frameLimit, in: system) {
            record in
            do throws(OTLPError) {
                head.insert(try SpanBatch(validating: record.bytes, tenant: record.tenant, origin: record.origin))
            } catch {
                refused.append("\(name): a stored request can't be read: \(error.message)")
            }
        }
        damage += refused
        guard let replay else {
            damage.append("\(name): the header is damaged")
            try journals.setAside(number)
            return
        }
        damage += replay.damage
        replayedSpans += head.spanCount
        nextFrame = replay.nextFrame
        if isNewest && replay.damage.isEmpty {
            active = head
            continued = replay
        } else {
            // A damaged newest file is sealed like an older one: nothing is appended behind damage.
            frozen.append(FrozenHead(head))
        }
    }
}

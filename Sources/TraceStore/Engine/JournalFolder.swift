import Synchronization

/// The folder of journal files: names, spares and recycling.
///
/// `NNN.journal` holds frames, `NNN.blank` is a spare whose space is already written, anything else was left by a
/// crash and is removed at start.
final class JournalFolder: Sendable {
    /// Spares kept beyond the file in use.
    static let spareMax = 2

    let path: String
    /// The size that files have unless one frame needs more.
    let fileSize: Int
    private let system: FileSystem
    private let spares = Mutex<[String]>([])

    init(_ path: String, fileSize: Int, in system: FileSystem) throws(FileError) {
        self.path = path
        self.fileSize = fileSize
        self.system = system
        try system.makeFolder(path)
    }

    /// The journal files there are, in ascending order of number. Clears away what a crash left half made.
    func scan() throws(FileError) -> [UInt64] {
        var numbers: [UInt64] = []
        var blanks: [String] = []
        for name in try system.names(in: path) {
            if let number = FileName.number(name, extension: "journal") {
                numbers.append(number)
            } else if name.hasSuffix(".blank"), blanks.count < Self.spareMax, try size(name) == fileSize {
                blanks.append(name)
            } else if !name.hasSuffix(".damaged") {
                try system.remove("\(path)/\(name)")
            }
        }
        spares.withLock { $0 = blanks }
        return numbers.sorted()
    }

    func filePath(_ number: UInt64) -> String { "\(path)/\(FileName.name(number, extension: "journal"))" }

    /// Starts the journal file `number`, large enough for a frame of `frameSize` bytes.
    func start(_ number: UInt64, firstFrame: UInt64, frameSize: Int) throws(FileError) -> JournalFile {
        let needed = JournalFormat.headerSize + JournalFormat.aligned(frameSize)
        let size = max(needed, fileSize)
        let spare = size == fileSize ? spares.withLock { $0.popLast() } : nil
        let blank = if let spare { spare } else { try makeBlank(number, size: size) }
        let header = JournalFileHeader(number: number, firstFrame: firstFrame, size: UInt64(size))
        return try JournalFile(
            header, from: "\(path)/\(blank)", to: filePath(number), folder: path, in: system)
    }

    /// Makes a spare unless there is one, so that starting the next file costs no time.
    func prepareSpare(for number: UInt64) throws(FileError) {
        guard spares.withLock({ $0.isEmpty }) else { return }
        let blank = try makeBlank(number, size: fileSize)
        spares.withLock { $0.append(blank) }
    }

    /// Takes back files whose spans are safe in a block.
    func recycle(_ numbers: ClosedRange<UInt64>) throws(FileError) {
        for number in numbers {
            let blank = FileName.name(number, extension: "blank")
            let isWanted = spares.withLock { $0.count < Self.spareMax }
            if isWanted, (try? size(FileName.name(number, extension: "journal"))) == fileSize {
                try system.rename(filePath(number), to: "\(path)/\(blank)")
                spares.withLock { $0.append(blank) }
            } else {
                try system.remove(filePath(number))
            }
        }
    }

    /// Puts a file that can't be read aside, under a name that nothing reads.
    func setAside(_ number: UInt64) throws(FileError) {
        try system.rename(filePath(number), to: filePath(number) + ".damaged")
        try system.syncFolder(path)
    }

    private func makeBlank(_ number: UInt64, size: Int) throws(FileError) -> String {
        let name = FileName.name(number, extension: "blank")
        do {
            try JournalFile.prepare("\(path)/\(name).tmp", size: size, in: system)
            try system.rename("\(path)/\(name).tmp", to: "\(path)/\(name)")
        } catch {
            // A half-written file would keep the space that a full disk needs back; the first error is the one to tell.
            try? system.remove("\(path)/\(name).tmp")
            throw error
        }
        return name
    }

    private func size(_ name: String) throws(FileError) -> Int {
        try File("\(path)/\(name)", .read, in: system).size()
    }
}

/// File names that sort as their numbers do.
enum FileName {
    private static let digits = 16

    static func name(_ number: UInt64, extension suffix: String) -> String { "\(padded(number)).\(suffix)" }

    static func name(_ numbers: ClosedRange<UInt64>, extension suffix: String) -> String {
        "\(padded(numbers.lowerBound))-\(padded(numbers.upperBound)).\(suffix)"
    }

    static func number(_ name: String, extension suffix: String) -> UInt64? {
        guard name.hasSuffix(".\(suffix)") else { return nil }
        return UInt64(name.dropLast(suffix.count + 1))
    }

    static func numbers(_ name: String, extension suffix: String) -> ClosedRange<UInt64>? {
        guard name.hasSuffix(".\(suffix)") else { return nil }
        let parts = name.dropLast(suffix.count + 1).split(separator: "-")
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last else {
            return nil
        }
        return first...last
    }

    private static func padded(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

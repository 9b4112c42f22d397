/// One journal file open for appending.
///
/// Its space is written with zeros before the first frame, so that appending changes no metadata and a sync costs one
/// write: a file that grows, or is merely `fallocate`d, pays a file-system commit in every sync.
struct JournalFile: ~Copyable {
    let number: UInt64
    let size: Int
    private let file: File
    private(set) var end: Int
    private(set) var nextFrame: UInt64

    /// Continues a replayed file behind its last whole frame.
    init(continuing replay: JournalReplay, at path: String, in system: FileSystem) throws(FileError) {
        self.file = try File(path, .update, in: system)
        self.number = replay.header.number
        self.size = Int(replay.header.size)
        self.end = replay.end
        self.nextFrame = replay.nextFrame
    }

    /// Makes the prepared file at `blank` the journal `header.number`, durably: the header is written and synced first,
    /// then the file gets its name.
    init(
        _ header: JournalFileHeader, from blank: String, to path: String, folder: String, in system: FileSystem
    ) throws(FileError) {
        let file = try File(blank, .update, in: system)
        try unsafe file.write(header.encoded().span.bytes, at: 0)
        try file.sync()
        try system.rename(blank, to: path)
        try system.syncFolder(folder)
        self.file = file
        self.number = header.number
        self.size = Int(header.size)
        self.end = JournalFormat.headerSize
        self.nextFrame = header.firstFrame
    }

    /// Whether a frame of `size` bytes fits.
    func hasRoom(for size: Int) -> Bool { end + JournalFormat.aligned(size) <= self.size }

    /// Writes one frame and returns once it is on disk.
    ///
    /// After an error the file must not be appended to any more: what a failed sync left behind is unknown.
    mutating func append(_ frame: [UInt8]) throws(FileError) {
        try unsafe file.write(frame.span.bytes, at: end)
        try file.sync()
        end += frame.count
        nextFrame += 1
    }

    /// Makes a file of zeros at `path`, synced.
    static func prepare(_ path: String, size: Int, in system: FileSystem) throws(FileError) {
        let file = try File(path, .create, in: system)
        let zeros = [UInt8](repeating: 0, count: min(size, 1 << 20))
        var offset = 0
        while offset < size {
            let count = min(zeros.count, size - offset)
            try unsafe file.write(zeros.span.bytes.extracting(0..<count), at: offset)
            offset += count
        }
        try file.sync()
    }
}

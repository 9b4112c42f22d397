import Foundation

/// Where the next frame goes.
struct JournalPosition: ~Copyable {
    /// The file to continue; `nil` when `number` is yet to be made.
    var file: JournalFile?
    var number: UInt64
    var nextFrame: UInt64
}

/// The commit thread's own state: the journal file in use and how to get the next one.
struct JournalAppender: ~Copyable {
    private let folder: JournalFolder
    private let index: SpanIndex
    private let sealer: Sealer
    private let options: Committer.Options
    /// `nil` after a failure: a file whose sync failed is never written again, the next commit starts a new one.
    private var file: JournalFile?
    /// Of the newest file that was started.
    private var number: UInt64
    private var nextFrame: UInt64
    private var frame = JournalFrame()
    private var lastFailure: (error: TraceStoreError, at: ContinuousClock.Instant)?

    init(
        at position: consuming JournalPosition, folder: JournalFolder, index: SpanIndex, sealer: Sealer,
        options: Committer.Options
    ) {
        self.number = position.file == nil ? position.number - 1 : position.number
        self.nextFrame = position.nextFrame
        self.file = position.file.take()
        self.folder = folder
        self.index = index
        self.sealer = sealer
        self.options = options
    }

    /// Writes `batches` as one frame, syncs it, and makes the spans readable.
    mutating func commit(_ batches: [SpanBatch]) throws(TraceStoreError) {
        if let (error, at) = lastFailure, ContinuousClock.now - at < .seconds(options.retrySeconds) { throw error }
        do {
            try write(batches)
            lastFailure = nil
        } catch {
            let failure = TraceStoreError(error, otherwise: "the journal can't be written")
            if failure.code != .overloaded { lastFailure = (failure, ContinuousClock.now) }
            throw failure
        }
        index.insert(batches)
        frame.shrink(toAtMost: 2 * options.frameBytesMax)
    }

    private mutating func write(_ batches: [SpanBatch]) throws {
        let size = JournalFrame.size(of: batches)
        try makeRoom(for: size, memory: batches.reduce(0) { $0 + Head.memory(of: $1) })
        frame.fill(
            with: batches, journal: number, frame: nextFrame,
            receivedAtUnixNano: UInt64(Date().timeIntervalSince1970 * 1e9))
        do {
            guard let _: Void = try file?.append(frame.bytes) else {
                throw TraceStoreError(.inputOutput, "there is no journal file to write to")
            }
        } catch {
            file = nil
            throw error
        }
        nextFrame += 1
    }

    /// Leaves `file` open with room for a frame of `size` bytes.
    private mutating func makeRoom(for size: Int, memory: Int) throws {
        let held = index.activeMemory
        if held > 0 && held + memory > options.headBytesMax {
            try startNextFile(for: size, freezing: true)
        } else if file == nil {
            try startNextFile(for: size, freezing: false)
        } else if file?.hasRoom(for: size) != true {
            try startNextFile(for: size, freezing: held > 0)
        }
    }

    private mutating func startNextFile(for size: Int, freezing: Bool) throws {
        if freezing { try sealer.waitForRoom(atMost: options.sealWaitSeconds) }
        file = try folder.start(number + 1, firstFrame: nextFrame, frameSize: size)
        number += 1
        if freezing {
            sealer.enqueue(index.freezeActive(startingJournal: number))
        } else {
            index.extendActive(to: number)
        }
    }
}

import Foundation
import Logging

/// Turns frozen heads into blocks on a thread of its own, oldest first.
///
/// A failure (a full disk, say) leaves the head readable and its journal in place, and is tried again every second.
final class Sealer: Sendable {
    struct Options: Sendable {
        /// Heads that may wait before ingest has to.
        var waitingMax = 1
        var retrySeconds = 1.0
    }

    private struct State {
        var waiting: [FrozenHead]
        var lastFailure: TraceStoreError?
        var failures = 0
        var isClosed = false
        var isRunning = true
    }

    private let index: SpanIndex
    private let journals: JournalFolder
    private let blocks: BlockFolder
    private let options: Options
    private let logger: Logger
    private let state: Monitor<State>

    init(
        index: SpanIndex, journals: JournalFolder, blocks: BlockFolder, waiting: [FrozenHead], options: Options,
        logger: Logger
    ) {
        self.index = index
        self.journals = journals
        self.blocks = blocks
        self.options = options
        self.logger = logger
        self.state = Monitor(State(waiting: waiting))
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "batchin-seal"
        thread.start()
    }

    func enqueue(_ head: FrozenHead) {
        state.update { $0.waiting.append(head) }
    }

    /// Waits until another head may be frozen.
    ///
    /// - Throws: what keeps the sealer from writing, or `overloaded` when it is only slow.
    func waitForRoom(atMost seconds: Double) throws(TraceStoreError) {
        let room = state.wait(atMost: seconds) { state -> Result<Void, TraceStoreError>? in
            if state.waiting.count < self.options.waitingMax { return .success(()) }
            return state.lastFailure.map(Result.failure)
        }
        guard let room else { throw TraceStoreError(.overloaded, "sealing is behind ingest") }
        try room.get()
    }

    /// Failed attempts since the start.
    var failureCount: Int { state.update { $0.failures } }
    /// Why the last attempt failed, until one succeeds.
    var lastFailure: TraceStoreError? { state.update { $0.lastFailure } }

    /// Stops behind the block being written; heads still waiting are in the journal.
    func close() {
        state.update { $0.isClosed = true }
        state.wait { $0.isRunning ? nil : () }
    }

    private func run() {
        prepareSpare()
        while let head = state.wait({ $0.isClosed ? .some(nil) : $0.waiting.first.map(Optional.some) }) {
            do {
                try seal(head)
                state.update {
                    $0.waiting.removeFirst()
                    $0.lastFailure = nil
                }
            } catch {
                let failure = TraceStoreError(error, otherwise: "a block can't be written")
                logger.error("sealing failed, will retry", metadata: ["error": "\(failure.debugDescription)"])
                state.update {
                    $0.lastFailure = failure
                    $0.failures += 1
                }
                _ = state.wait(atMost: options.retrySeconds) { $0.isClosed ? () : nil }
            }
        }
        state.update { $0.isRunning = false }
    }

    private func seal(_ frozen: FrozenHead) throws {
        let block = frozen.head.isEmpty ? nil : try blocks.write(frozen.head)
        index.replace(frozen, by: block)
        do {
            try journals.recycle(frozen.head.journals)
        } catch {
            // The block is in place: a journal that stays behind is recognised and removed at the next start.
            logger.warning("a sealed journal can't be recycled", metadata: ["error": "\(error)"])
        }
    }

    private func prepareSpare() {
        do {
            try journals.prepareSpare(for: 0)
        } catch {
            // Not needed until the live file is full; starting the next one tries again and reports it.
            logger.warning("no spare journal file can be made", metadata: ["error": "\(error)"])
        }
    }
}

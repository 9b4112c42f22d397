package import Logging
package import OTLP
import Synchronization

/// The embedded engine: a journal that makes spans durable, a head in memory that makes them readable at once, and
/// immutable blocks that hold them for good. `docs/span-store.md` describes its files.
package final class EmbeddedSpanStore: SpanStore {
    package struct Options: Sendable {
        /// Bytes of appended requests that may wait for the disk.
        package var queueBytesMax = 256 << 20
        /// Memory at which the head is sealed into a block; also the size of a journal file.
        package var headBytesMax = 64 << 20
        package var readThreads = 2
        package var readsWaitingMax = 1024

        package init() {}
    }

    private let index: SpanIndex
    private let committer: Committer
    private let sealer: Sealer
    private let pool: ReadPool
    /// What start-up found damaged.
    private let damage: [String]
    private let lock: Mutex<FolderLock?>

    /// Opens the store in `folder`, which is made if needed, and replays what the last process left in the journal.
    ///
    /// - Throws: `locked` when another process has the folder open, `inputOutput` or `diskFull` when it can't be read.
    package convenience init(
        folder: String, options: Options = Options(), system: FileSystem = FileSystem(), logger: Logger
    ) throws(TraceStoreError) {
        do {
            try self.init(recovering: folder, options, system, logger)
        } catch {
            throw TraceStoreError(error, otherwise: "the span store can't be opened")
        }
    }

    private init(recovering folder: String, _ options: Options, _ system: FileSystem, _ logger: Logger) throws {
        try system.makeFolder(folder)
        self.lock = Mutex(try FolderLock("\(folder)/lock", in: system))
        let journals = try JournalFolder("\(folder)/journal", fileSize: options.headBytesMax, in: system)
        let blocks = try BlockFolder("\(folder)/blocks", in: system)
        let recovery = try Recovery(journals: journals, blocks: blocks, in: system)
        for line in recovery.damage { logger.error("damaged file", metadata: ["damage": "\(line)"]) }
        logger.info(
            "span store open",
            metadata: ["blocks": "\(recovery.blocks.count)", "replayed_spans": "\(recovery.replayedSpans)"])

        self.damage = recovery.damage
        self.index = SpanIndex(active: recovery.active, frozen: recovery.frozen, blocks: recovery.blocks)
        self.sealer = Sealer(
            index: index, journals: journals, blocks: blocks, waiting: recovery.frozen, options: Sealer.Options(),
            logger: logger)
        var commitOptions = Committer.Options()
        commitOptions.queueBytesMax = options.queueBytesMax
        commitOptions.headBytesMax = options.headBytesMax
        self.committer = Committer(
            JournalAppender(
                at: try recovery.openJournal(in: journals, system), folder: journals, index: index, sealer: sealer,
                options: commitOptions),
            options: commitOptions, logger: logger)
        self.pool = ReadPool(threads: options.readThreads, waitingMax: options.readsWaitingMax)
        sealer.start()
        committer.start()
    }

    package func append(_ batch: SpanBatch) async throws(TraceStoreError) {
        guard !batch.outline.spans.isEmpty else { return }
        try await committer.append(batch)
    }

    package func trace(_ id: TraceID, of tenant: TenantID) async throws(TraceStoreError) -> Trace? {
        try await pool.run { [index] () throws(TraceStoreError) in
            Trace(id, collapsing: try index.spans(of: TraceKey(tenant: tenant, traceID: id)))
        }
    }

    package func search(_ query: TraceQuery) async throws(TraceStoreError) -> TracePage {
        try await pool.run { [index] () throws(TraceStoreError) in
            var listing = try TraceListing(query, in: index)
            var page = TracePage(traces: [], next: nil)
            while let trace = try listing.next() {
                guard try query.filter.isMet(by: trace) else { continue }
                if page.traces.count == query.limit {
                    page.next = page.traces.last.map {
                        TracePosition(startTimeUnixNano: $0.startTimeUnixNano, traceID: $0.traceID)
                    }
                    break
                }
                page.traces.append(TraceSummary(trace))
            }
            return page
        }
    }

    package func export(_ query: ExportQuery) async throws(TraceStoreError) -> any SpanExport {
        try await pool.run { [index, pool] () throws(TraceStoreError) in
            try EmbeddedSpanExport(query, of: index, pool: pool)
        }
    }

    package func statistics() -> StoreStatistics {
        let sizes = index.sizes()
        let commits = committer.currentStatistics()
        return StoreStatistics(
            commits: commits,
            headSpans: sizes.headSpans,
            headMemoryBytes: sizes.headMemory,
            frozenHeads: sizes.frozenHeads,
            blocks: sizes.blocks,
            blockSpans: sizes.blockSpans,
            blockBytes: sizes.blockBytes,
            sealFailures: sealer.failureCount,
            failure: commits.lastFailure ?? sealer.lastFailure,
            damage: damage + sizes.damage)
    }

    /// Commits what was appended, stops, and lets go of the folder; later appends and reads fail with `closed`.
    ///
    /// Blocks the calling thread, so not for the cooperative pool.
    package func close() {
        committer.close()
        sealer.close()
        pool.close()
        lock.withLock { $0 = nil }
    }
}

extension SpanFilter {
    /// Whether one span of the trace meets all conditions.
    func isMet(by trace: Trace) throws(TraceStoreError) -> Bool {
        if isEmpty { return true }
        for span in trace.spans {
            if try matches(span) { return true }
        }
        return false
    }
}

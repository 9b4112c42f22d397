import OTLP

/// Where every readable span is: the live head, the frozen ones waiting to be sealed, the blocks.
///
/// Moving spans from one to the next is one step under the lock, so a reader finds each of them exactly once.
final class SpanIndex: Sendable {
    private struct State {
        var active: Head
        var frozen: [FrozenHead]
        var blocks: [Block]
    }

    /// Everything readable at one moment, untouched by what comes later.
    struct Snapshot: Sendable {
        let heads: [FrozenHead]
        let blocks: [Block]
    }

    private let state: Monitor<State>

    init(active: Head, frozen: [FrozenHead], blocks: [Block]) {
        self.state = Monitor(State(active: active, frozen: frozen, blocks: blocks))
    }

    // MARK: Changes, by the engine's threads

    func insert(_ batches: [SpanBatch]) {
        state.update { state in
            for batch in batches { state.active.insert(batch) }
        }
    }

    /// The live head's spans will come from `journal` too.
    func extendActive(to journal: UInt64) {
        state.update { $0.active.journals = $0.active.journals.lowerBound...journal }
    }

    /// Freezes the live head and starts an empty one over `journal`.
    func freezeActive(startingJournal journal: UInt64) -> FrozenHead {
        state.update { state in
            let frozen = FrozenHead(state.active)
            state.frozen.append(frozen)
            state.active = Head(journal: journal)
            return frozen
        }
    }

    /// Puts a block in the place of the head that it was made of; no block when the head was empty.
    func replace(_ head: FrozenHead, by block: Block?) {
        state.update { state in
            state.frozen.removeAll { $0 === head }
            if let block { state.blocks.append(block) }
        }
    }

    var activeMemory: Int { state.update { $0.active.memory } }

    // MARK: Reading

    /// The trace's spans from everywhere, uncollapsed.
    func spans(of key: TraceKey) throws(TraceStoreError) -> [StoredSpan] {
        let (inHeads, blocks) = state.update { state in
            ([state.active.spans(of: key)] + state.frozen.map { $0.head.spans(of: key) }, state.blocks)
        }
        var spans = inHeads.joined().map { $0.batch.storedSpan($0.index) }
        for block in blocks {
            spans.append(contentsOf: try block.spans(of: key))
        }
        return spans
    }

    /// The start of each of the tenant's traces in the heads, one list a head, and the blocks.
    func traceStarts(of tenant: TenantID) -> (heads: [[TracePosition]], blocks: [Block]) {
        state.update { state in
            (
                [state.active.traceStarts(of: tenant)] + state.frozen.map { $0.head.traceStarts(of: tenant) },
                state.blocks
            )
        }
    }

    func snapshot() -> Snapshot {
        state.update { Snapshot(heads: $0.frozen + [FrozenHead($0.active)], blocks: $0.blocks) }
    }

    struct Sizes: Sendable {
        var headSpans: Int
        var headMemory: Int
        var frozenHeads: Int
        var blocks: Int
        var blockSpans: Int
        var blockBytes: Int
        var damage: [String]
    }

    func sizes() -> Sizes {
        state.update { state in
            Sizes(
                headSpans: state.active.spanCount + state.frozen.reduce(0) { $0 + $1.head.spanCount },
                headMemory: state.active.memory + state.frozen.reduce(0) { $0 + $1.head.memory },
                frozenHeads: state.frozen.count,
                blocks: state.blocks.count,
                blockSpans: state.blocks.reduce(0) { $0 + Int($1.footer.spanCount) },
                blockBytes: state.blocks.reduce(0) { $0 + $1.size },
                damage: state.blocks.compactMap(\.knownDamage))
        }
    }
}

/// A head that takes no more spans.
final class FrozenHead: Sendable {
    let head: Head

    init(_ head: Head) {
        self.head = head
    }
}

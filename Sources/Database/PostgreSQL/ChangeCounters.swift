import Synchronization

/// Counts the announcements of each topic that this process has heard of.
final class ChangeCounters: Sendable {
    private struct State {
        var counts = [UInt64](repeating: 0, count: ChangeTopic.countMax)
        /// Whether announcements of other processes arrive.
        var isListening = false
        var tokenCount: UInt64 = 0
    }

    private let state = Mutex(State())

    /// While nobody listens, each token is one of a kind: something may have been announced since the last.
    func token(for topic: ChangeTopic) -> ChangeToken {
        state.withLock { state in
            if state.isListening { return ChangeToken(state.counts[topic.number] << 1) }
            state.tokenCount += 1
            return ChangeToken(state.tokenCount << 1 | 1)
        }
    }

    func count(_ topics: some Sequence<ChangeTopic>) {
        state.withLock { state in
            for topic in topics { state.counts[topic.number] += 1 }
        }
    }

    /// Says that all announcements arrive from now on. Those before may have been missed.
    func beginListening() {
        state.withLock { state in
            for index in state.counts.indices { state.counts[index] += 1 }
            state.isListening = true
        }
    }

    func endListening() {
        state.withLock { $0.isListening = false }
    }
}

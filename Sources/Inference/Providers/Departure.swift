import Synchronization

/// The news that a caller is gone and wants no answer any more, for the one who waits for a provider on its behalf.
package final class Departure: Sendable {
    private struct State {
        var isGone = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package var isGone: Bool { state.withLock(\.isGone) }

    /// The caller is gone.
    package func announce() {
        let action = state.withLock { state in
            state.isGone = true
            return state.action.take()
        }
        action?()
    }

    /// Has this done when the caller goes, at once if it went already; in place of what was to be done so far.
    func whenAnnounced(_ action: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            if !state.isGone { state.action = action }
            return state.isGone
        }
        if isGone { action() }
    }
}

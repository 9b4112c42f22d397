import Synchronization

/// The memory that requests may hold between their first byte and their place in the journal, over all connections.
///
/// What does not fit is refused at once with 503, so memory stays bounded however many clients push.
final class IngestBudget: Sendable {
    let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    var usedBytes: Int { used.load(ordering: .relaxed) }

    func reserve() -> Reservation { Reservation(of: self) }

    fileprivate func take(_ bytes: Int) throws(APIError) {
        let total = used.add(bytes, ordering: .relaxed).newValue
        guard total <= limit else {
            used.subtract(bytes, ordering: .relaxed)
            throw .unavailable("too much data is waiting to be stored")
        }
    }

    fileprivate func giveBack(_ bytes: Int) {
        used.subtract(bytes, ordering: .relaxed)
    }

    /// One request's share; given back when the last reference goes.
    final class Reservation: Sendable {
        private let budget: IngestBudget
        private let bytes = Atomic<Int>(0)

        fileprivate init(of budget: IngestBudget) {
            self.budget = budget
        }

        deinit {
            budget.giveBack(bytes.load(ordering: .relaxed))
        }

        /// - Throws: `serviceUnavailable` when the budget is used up.
        func grow(by count: Int) throws(APIError) {
            try budget.take(count)
            bytes.add(count, ordering: .relaxed)
        }
    }
}

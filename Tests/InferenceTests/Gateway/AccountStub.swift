import Synchronization

@testable import Inference

/// An account that remembers what was done with it.
final class AccountStub: RunAccount {
    enum Entry: Sendable {
        case reserved(Int64)
        case settled(InferenceRun, body: [UInt8]?)
        case released
        case rejected(InferenceRun)
    }

    /// What an account refuses with.
    struct Refusal: Error, Equatable {
        let reason: String
    }

    private struct State {
        var entries: [Entry] = []
        var refusals: [String: Refusal] = [:]
    }

    private let state = Mutex(State())
    private let settlements: AsyncStream<InferenceRun>
    private let continuation: AsyncStream<InferenceRun>.Continuation

    init() {
        (settlements, continuation) = AsyncStream.makeStream()
    }

    /// Everything so far, in its order.
    var entries: [Entry] { state.withLock(\.entries) }

    /// The same in short.
    var history: [String] {
        entries.map { entry in
            switch entry {
            case .reserved: "reserved"
            case .settled(let run, _): "settled \(run.outcome.rawValue)"
            case .released: "released"
            case .rejected: "rejected"
            }
        }
    }

    /// The last run that was recorded, one way or the other.
    var lastRun: InferenceRun? {
        for entry in entries.reversed() {
            switch entry {
            case .settled(let run, _), .rejected(let run): return run
            case .reserved, .released: continue
            }
        }
        return nil
    }

    /// What was settled last.
    var lastSettlement: (run: InferenceRun, body: [UInt8]?)? {
        for case .settled(let run, let body) in entries.reversed() { return (run, body) }
        return nil
    }

    var reserved: Int64? {
        for case .reserved(let amount) in entries { return amount }
        return nil
    }

    /// Waits for the next settlement.
    func settlement() async -> InferenceRun? {
        var iterator = settlements.makeAsyncIterator()
        return await iterator.next()
    }

    func refuseReservations() { refuse("reserve") }
    func refuseSettlements() { refuse("settle") }
    func refuseRejections() { refuse("reject") }
    func refuseNothing() { state.withLock { $0.refusals = [:] } }

    private func refuse(_ deed: String) {
        state.withLock { $0.refusals[deed] = Refusal(reason: deed) }
    }

    private func check(_ deed: String) throws {
        if let refusal = state.withLock({ $0.refusals[deed] }) { throw refusal }
    }

    fileprivate func note(_ entry: Entry) {
        state.withLock { $0.entries.append(entry) }
    }

    func reserve(_ nanoDollars: Int64) async throws -> any RunReservation {
        try check("reserve")
        note(.reserved(nanoDollars))
        return ReservationStub(account: self)
    }

    func reject(_ run: InferenceRun) async throws {
        try check("reject")
        note(.rejected(run))
    }

    fileprivate func settle(_ run: InferenceRun, body: [UInt8]?) async throws {
        // Whoever does not wait for this returns before it is done.
        for _ in 0..<10 { await Task.yield() }
        try check("settle")
        note(.settled(run, body: body))
        continuation.yield(run)
    }
}

private struct ReservationStub: RunReservation {
    let account: AccountStub

    func settle(_ run: InferenceRun, body: [UInt8]?) async throws {
        try await account.settle(run, body: body)
    }

    func release() async {
        account.note(.released)
    }
}

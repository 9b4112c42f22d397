import Accounts
import Database
import Glibc
import Synchronization
import TestSupport

/// Does operations at random, several at once, and keeps a journal of them.
final class Spender: Sendable {
    private let database: Database
    private let ledger: Ledger
    private let cast: Cast
    private let journal: Journal
    private let seed: UInt64
    private let operationCount = Atomic(0)

    private static let progressInterval = 100
    private static let reservationMax: Int64 = 30_000_000

    init(database: Database, cast: Cast, journal: Journal, seed: UInt64) {
        self.database = database
        ledger = Ledger(database: database)
        self.cast = cast
        self.journal = journal
        self.seed = seed
    }

    func run(operations: Int, concurrency: Int) async throws {
        try await cast.enter(database, ledger)
        say("0")
        let renewal = Task { [ledger] in
            while !Task.isCancelled {
                try await ledger.renewLeases()
                try await Task.sleep(for: .seconds(20))
            }
        }
        defer { renewal.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<concurrency {
                group.addTask {
                    var generator = SeededGenerator(seed: self.seed &+ UInt64(index) &* 0x1_0000_0001)
                    var earlier: (runID: String, cost: NanoDollars, member: Cast.Member)?
                    while true {
                        let number = self.operationCount.add(1, ordering: .relaxed).newValue
                        guard number <= operations else { break }
                        try await self.operate(&earlier, using: &generator)
                        if number.isMultiple(of: Self.progressInterval) { say("\(number)") }
                    }
                }
            }
            try await group.waitForAll()
        }
        say("\(operations)")
    }

    private func operate(
        _ earlier: inout (runID: String, cost: NanoDollars, member: Cast.Member)?,
        using generator: inout SeededGenerator
    ) async throws {
        guard let member = cast.members.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<4:
            try await credit(member, using: &generator)
        case 4..<8:
            guard let earlier else { return }
            try await repeatSettlement(earlier.runID, earlier.cost, earlier.member)
        default:
            guard let reservation = try await reserve(member, using: &generator) else { return }
            if Int.random(in: 0..<10, using: &generator) == 0 {
                await ledger.release(reservation)
            } else {
                let (runID, cost) = try await settle(reservation, member, using: &generator)
                earlier = (runID, cost, member)
            }
        }
    }

    private func credit(_ member: Cast.Member, using generator: inout SeededGenerator) async throws {
        let cents = Int64.random(in: (member.isStrict ? 1 : -20)...25, using: &generator)
        guard cents != 0 else { return }
        let reference = "\(UInt64.random(in: .min ... .max))"
        try journal.append(JournalLine(isDone: false, .credit, reference, cents))
        _ = try await ledger.credit(
            member.userID, cents: cents, source: .operator, reference: reference, reason: "torture")
        try journal.append(JournalLine(isDone: true, .credit, reference, cents))
    }

    /// - Returns: nil if it was refused, as it may be.
    private func reserve(
        _ member: Cast.Member, using generator: inout SeededGenerator
    ) async throws -> Reservation? {
        guard let principal = member.principals.randomElement(using: &generator) else { return nil }
        let isFree = Int.random(in: 0..<10, using: &generator) == 0
        let amount = isFree ? 0 : Int64.random(in: 1...Self.reservationMax, using: &generator)
        do throws(AccountsError) {
            return try await ledger.reserve(NanoDollars(amount), for: principal)
        } catch {
            guard error.code == .insufficientCredit || error.code == .budgetExhausted else { throw error }
            return nil
        }
    }

    private func settle(
        _ reservation: Reservation, _ member: Cast.Member, using generator: inout SeededGenerator
    ) async throws -> (runID: String, cost: NanoDollars) {
        let costMax = reservation.amount.value + (member.isStrict ? 0 : 10_000_000)
        let cost = NanoDollars(.random(in: 0...costMax, using: &generator))
        let runID = "run_\(UInt64.random(in: .min ... .max))"
        try journal.append(JournalLine(isDone: false, .run, runID, cost.value))
        let row = try await ledger.settle(reservation, as: usage(runID, cost, using: &generator))
        guard row.cost == cost else { throw Failure("\(runID) cost \(row.cost), not \(cost)") }
        try journal.append(JournalLine(isDone: true, .run, runID, cost.value))
        return (runID, cost)
    }

    private func usage(_ runID: String, _ cost: NanoDollars, using generator: inout SeededGenerator) -> RunUsage {
        RunUsage(
            runID: runID, traceID: nil, model: ["small", "large"].randomElement(using: &generator) ?? "small",
            inputTokens: .random(in: 0...5000, using: &generator),
            outputTokens: .random(in: 0...5000, using: &generator), cost: cost, outcome: .ok)
    }

    /// Settles a run that was settled before, at another price, which must change nothing.
    private func repeatSettlement(_ runID: String, _ cost: NanoDollars, _ member: Cast.Member) async throws {
        let reservation = try await ledger.reserve(.zero, for: member.principals[0])
        let usage = RunUsage(
            runID: runID, traceID: nil, model: "small", inputTokens: 1, outputTokens: 1,
            cost: NanoDollars(cost.value + 1), outcome: .ok)
        let row = try await ledger.settle(reservation, as: usage)
        guard row.cost == cost else { throw Failure("\(runID) cost \(row.cost) when it was settled again") }
    }
}

/// Prints at once, also into a pipe.
func say(_ line: String) {
    var text = line + "\n"
    // Whoever reads it may be gone, and the operations go on.
    _ = text.withUTF8 { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

import TestSupport
import Testing

@testable import Accounts
@testable import Database

/// Lets reading, settling and crediting meet in every order, and compares with what a ledger that knows all would do.
struct StandingTests {
    @Test(arguments: 1...40)
    func `a verdict is what the ledger says at one place, in whatever order results arrive`(seed: UInt64) {
        var simulation = StandingSimulation(seed: seed)
        for _ in 0..<2000 { simulation.step() }
        #expect(simulation.admittedCount > 50)
        #expect(simulation.refusedCount > 50)
        #expect(simulation.mistakes == [], "seed \(seed)")

        simulation.finish()
        #expect(simulation.standing.isIdle)
        #expect(simulation.mistakes == [], "seed \(seed)")
    }

    @Test func `the first verdicts on a user are right, however many read at once`() {
        for seed in 1...UInt64(3000) {
            var simulation = StandingSimulation(seed: seed)
            for _ in 0..<60 { simulation.step() }
            #expect(simulation.mistakes == [], "seed \(seed)")
        }
    }

    @Test func `a run that is settled after a credit holds nothing any more`() {
        var standing = Standing()
        let reservation = standing.hold(NanoDollars(5))
        standing.settlementBegins(of: reservation, asRun: "a")
        // The second entry is not this process's.
        standing.settlementEnds(of: reservation, asRun: "a", with: .stub(of: reservation, entry: 3))
        #expect(standing.isIdle)
        #expect(standing.position == 3)
    }

    @Test func `reservations of a run that was settled twice are both ended`() {
        var standing = Standing()
        let (first, second, other) = (
            standing.hold(NanoDollars(1)), standing.hold(NanoDollars(1)), standing.hold(NanoDollars(1))
        )
        standing.settlementBegins(of: other, asRun: "b")
        for reservation in [first, second] {
            standing.settlementBegins(of: reservation, asRun: "a")
            standing.settlementEnds(of: reservation, asRun: "a", with: .stub(of: first, entry: 3))
        }
        standing.settlementEnds(of: other, asRun: "b", with: .stub(of: other, entry: 2))
        #expect(standing.isIdle)
        #expect(standing.position == 3)
    }
}

extension Standing {
    /// Holds an amount of a user whose first entry credits enough.
    fileprivate mutating func hold(_ amount: NanoDollars) -> Reservation {
        var generator = SystemRandomNumberGenerator()
        let user = UserID(UUIDv7(milliseconds: 0, using: &generator))
        let session = Principal(userID: user, credential: .session, scopes: .all)
        let reservation = Reservation(
            id: UUIDv7(milliseconds: 0, using: &generator), principal: session, amount: amount, madeAt: 0,
            isLeased: false)
        let snapshot = Snapshot(
            position: 1, balance: NanoDollars(100), month: 0, spent: [:], since: nil, settledRuns: [])
        _ = install(snapshot, Freshness(token: ChangeToken(0), readAt: 0))
        _ = hold(reservation, budget: nil)
        return reservation
    }
}

extension Settlement {
    fileprivate static func stub(of reservation: Reservation, entry: Int64) -> Settlement {
        let row = UsageRow(.stub(cost: NanoDollars(1)), of: reservation, costCents: 0)
        return Settlement(row: row, entry: entry)
    }
}

/// One user with two keys, of which one has a budget; what is true, and what a `Standing` was told of it so far.
private struct StandingSimulation {
    private struct Entry {
        /// The reservation that was settled; nil for a credit.
        let reservation: Reservation?
        let amount: Int64
        let runID: String
    }

    private struct Settlement {
        let reservation: Reservation
        let runID: String
        let cost: Int64
        /// The entry's number once it is committed.
        var entry: Int64?
    }

    private enum Reading {
        case begun(Reservation, since: Int64?, Standing.Freshness)
        case done(Reservation, Standing.Snapshot, Standing.Freshness)
    }

    private static let budget = NanoDollars(600)
    private static let month: Int64 = 0

    private(set) var standing = Standing()
    private(set) var mistakes: [String] = []
    private(set) var admittedCount = 0
    private(set) var refusedCount = 0

    private var generator: SeededGenerator
    private let user: UserID
    private let keys: [UUIDv7]
    private var entries: [Entry] = []
    /// Admitted and not settled, as far as the truth goes.
    private var outstanding: [Reservation] = []
    /// Admitted, and nothing begun with them.
    private var waiting: [Reservation] = []
    private var settlements: [Settlement] = []
    private var readings: [Reading] = []
    private var token: UInt64 = 0
    private var runCount = 0

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        user = UserID(UUIDv7(milliseconds: 0, using: &generator))
        keys = [
            UUIDv7(milliseconds: 0, using: &generator), UUIDv7(milliseconds: 0, using: &generator),
        ]
        credit()
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<15: reserveFast()
        case 15..<28: beginReading()
        case 28..<58: advanceReading()
        case 58..<70: beginSettlement()
        case 70..<97: advanceSettlement()
        case 97..<99: release()
        default: credit()
        }
    }

    mutating func finish() {
        while !readings.isEmpty { advanceReading() }
        while !settlements.isEmpty { advanceSettlement() }
        while !waiting.isEmpty { release() }
    }

    // MARK: The truth

    private func balance(at position: Int64) -> Int64 {
        entries.prefix(Int(position)).reduce(0) { $0 + $1.amount }
    }

    private func spent(_ key: UUIDv7, at position: Int64) -> Int64 {
        entries.prefix(Int(position)).reduce(0) { $0 - ($1.reservation?.keyID == key ? $1.amount : 0) }
    }

    private func admits(_ reservation: Reservation, at position: Int64) -> Bool {
        let later = entries.dropFirst(Int(position)).compactMap(\.reservation)
        let held = (outstanding + later).filter { $0.id != reservation.id }
        let budget = reservation.keyID == keys[0] ? Self.budget.value : .max
        let total = held.reduce(0) { $0 + $1.amount.value }
        let ofKey = held.reduce(0) { $0 + ($1.keyID == keys[0] ? $1.amount.value : 0) }
        return balance(at: position) - total >= reservation.amount.value
            && budget - spent(keys[0], at: position) - ofKey >= reservation.amount.value
    }

    // MARK: What happens

    private mutating func makeReservation() -> Reservation {
        let principal = Principal(userID: user, credential: .key(keys.random(using: &generator)), scopes: .all)
        return Reservation(
            id: UUIDv7(milliseconds: 0, using: &generator), principal: principal,
            amount: NanoDollars(.random(in: 1...40, using: &generator)), madeAt: Self.month, isLeased: false)
    }

    private func budget(of reservation: Reservation) -> NanoDollars? {
        reservation.keyID == keys[0] ? Self.budget : nil
    }

    private mutating func reserveFast() {
        let reservation = makeReservation()
        let isHeld = standing.holdIfFresh(
            reservation, budget: budget(of: reservation), token: ChangeToken(token), now: 0, lifetime: 1)
        if isHeld { admit(reservation) }
    }

    private mutating func beginReading() {
        standing.readerCount += 1
        let freshness = Standing.Freshness(token: ChangeToken(token), readAt: 0)
        readings.append(.begun(makeReservation(), since: standing.position, freshness))
    }

    private mutating func advanceReading() {
        guard let index = readings.indices.randomElement(using: &generator) else { return }
        switch readings[index] {
        case .begun(let reservation, let since, let freshness):
            readings[index] = .done(reservation, snapshot(since: since), freshness)
        case .done(let reservation, let snapshot, let freshness):
            readings.remove(at: index)
            standing.readerCount -= 1
            guard standing.install(snapshot, freshness) else { return }
            decide(reservation, snapshot)
        }
    }

    private func snapshot(since: Int64?) -> Standing.Snapshot {
        let place = Int64(entries.count)
        let new = since.map { entries.dropFirst(Int($0)) } ?? []
        return Standing.Snapshot(
            position: place, balance: NanoDollars(balance(at: place)), month: Self.month,
            spent: Dictionary(uniqueKeysWithValues: keys.map { ($0, NanoDollars(spent($0, at: place))) }),
            since: since, settledRuns: new.filter { $0.reservation != nil }.map(\.runID))
    }

    private mutating func decide(_ reservation: Reservation, _ snapshot: Standing.Snapshot) {
        let verdict = standing.hold(reservation, budget: budget(of: reservation))
        guard verdict != .unknown, let place = standing.position else { return }
        if place < snapshot.position { mistakes.append("decided at \(place), but \(snapshot.position) was read") }
        if (verdict == .held) != admits(reservation, at: place) {
            mistakes.append("\(verdict) for \(reservation.amount.value) at \(place) of \(entries.count)")
        }
        if verdict == .held { admit(reservation) } else { refusedCount += 1 }
    }

    private mutating func admit(_ reservation: Reservation) {
        if !admits(reservation, at: Int64(entries.count)) { mistakes.append("overspent by \(reservation.amount)") }
        admittedCount += 1
        outstanding.append(reservation)
        waiting.append(reservation)
    }

    private mutating func beginSettlement() {
        guard let index = waiting.indices.randomElement(using: &generator) else { return }
        let reservation = waiting.remove(at: index)
        runCount += 1
        let cost = Int64.random(in: 0...reservation.amount.value, using: &generator)
        settlements.append(Settlement(reservation: reservation, runID: "run_\(runCount)", cost: cost))
        standing.settlementBegins(of: reservation, asRun: "run_\(runCount)")
    }

    private mutating func advanceSettlement() {
        guard let index = settlements.indices.randomElement(using: &generator) else { return }
        let settlement = settlements[index]
        let reservation = settlement.reservation
        if settlement.entry == nil, settlement.cost > 0, Int.random(in: 0..<10, using: &generator) > 0 {
            entries.append(Entry(reservation: reservation, amount: -settlement.cost, runID: settlement.runID))
            settlements[index].entry = Int64(entries.count)
            outstanding.removeAll { $0.id == reservation.id }
            return
        }
        settlements.remove(at: index)
        let usage = RunUsage.stub(runID: settlement.runID, cost: NanoDollars(settlement.cost))
        let row = UsageRow(usage, of: reservation, costCents: 0)
        if settlement.cost > 0, settlement.entry == nil {
            // It failed, and will be tried again.
            standing.settlementEnds(of: reservation, asRun: settlement.runID, with: nil)
            waiting.append(reservation)
        } else {
            if settlement.cost == 0 { outstanding.removeAll { $0.id == reservation.id } }
            standing.settlementEnds(
                of: reservation, asRun: settlement.runID, with: .init(row: row, entry: settlement.entry))
        }
    }

    private mutating func release() {
        guard let index = waiting.indices.randomElement(using: &generator) else { return }
        let reservation = waiting.remove(at: index)
        outstanding.removeAll { $0.id == reservation.id }
        standing.release(reservation)
    }

    private mutating func credit() {
        entries.append(Entry(reservation: nil, amount: .random(in: 1...100, using: &generator), runID: ""))
        token += 1
    }
}

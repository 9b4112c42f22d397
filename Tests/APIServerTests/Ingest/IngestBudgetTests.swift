import Testing

@testable import APIServer

@Suite struct IngestBudgetTests {
    @Test func `what is over the limit is refused and what is let go comes back`() throws {
        let budget = IngestBudget(limit: 100)
        var first: IngestBudget.Reservation? = budget.reserve()
        try first?.grow(by: 60)
        let second = budget.reserve()
        let error = try #require(throws: APIError.self) { try second.grow(by: 41) }
        #expect(error.code == .serviceUnavailable && error.retryAfterSeconds == 1)
        try second.grow(by: 40)
        #expect(budget.usedBytes == 100)
        first = nil
        #expect(budget.usedBytes == 40)
        try second.grow(by: 60)
    }
}

import Accounts
import Database
import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import APIServer

@Suite struct UsageRoutesTests {
    /// A user with credit on a fresh installation, and runs of theirs.
    private struct Fixture {
        let installation: Installation
        let principal: Principal
        let routes: UsageRoutes

        init(_ folder: TemporaryFolder, monthlyBudgetCents: Int64? = nil) async throws {
            var configuration = Configuration()
            configuration.data = folder.path("data")
            installation = try await Installation.open(configuration)
            let user = try await installation.accounts.findOrCreateUser(email: "a@example.com")
            let (key, _) = try await installation.accounts.createKey(
                forUser: user.id, name: "", monthlyBudgetCents: monthlyBudgetCents)
            let principal = try await installation.authenticator.authenticate(bearer: key.secretText)
            self.principal = try #require(principal)
            _ = try await installation.ledger.credit(
                user.id, cents: 1000, source: .operator, reference: "r", reason: "test")
            routes = UsageRoutes(
                usage: UsageStore(database: installation.database), ledger: installation.ledger,
                publicURL: PublicURL(configuration))
        }

        func spend(_ runID: String, model: String = "m", nano: Int64) async throws {
            let amount = NanoDollars(nano)
            let reservation = try await installation.ledger.reserve(amount, for: principal)
            _ = try await installation.ledger.settle(
                reservation,
                as: RunUsage(
                    runID: runID, traceID: nil, model: model, inputTokens: 3, outputTokens: 5, cost: amount,
                    outcome: .ok))
        }

        func get(_ path: String, as principal: Principal? = nil) async throws -> Response {
            let template = path.prefix { $0 != "?" }
            let endpoint = try #require(routes.endpoints.first { $0.path == template })
            return try await endpoint.prepare(.stub(.get, path, principal: principal ?? self.principal))()
        }

        func json(_ path: String) async throws -> Any {
            try JSONSerialization.jsonObject(with: Data(try await get(path).text().utf8))
        }

        func runIDs(_ path: String) async throws -> [String] {
            let rows = try #require(try await json(path) as? [[String: Any]])
            return rows.compactMap { $0["run_id"] as? String }
        }
    }

    private static func runID(_ number: Int) -> String { "run_" + String(repeating: "0", count: 19) + "\(number)" }

    @Test func `a row has the fields of a run, and an exact cost beside the cents`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await Fixture(folder)
        try await fixture.spend(Self.runID(1), nano: 14_000_001)
        let rows = try #require(try await fixture.json("/v1/usage/logs") as? [[String: Any]])
        let row = try #require(rows.first)
        let names = [
            "id", "model", "input_tokens", "output_tokens", "cost_cents", "cost_usd", "run_id", "trace_id", "key_id",
            "created_at", "status",
        ]
        #expect(Set(row.keys) == Set(names))
        #expect(row["cost_cents"] as? Int == 1 && row["cost_usd"] as? String == "0.014000001")
        #expect(row["input_tokens"] as? Int == 3 && row["output_tokens"] as? Int == 5)
        #expect(row["key_id"] as? String == fixture.principal.keyID?.description)
        #expect(row["trace_id"] is NSNull && row["status"] as? String == "ok")
        #expect((row["created_at"] as? String).flatMap(RFC3339.unixNano) != nil)
    }

    @Test func `pages follow each other by the link, wherever the first began`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await Fixture(folder)
        for number in 0..<7 { try await fixture.spend(Self.runID(number), nano: 1) }
        let all = try await fixture.runIDs("/v1/usage/logs")
        #expect(Set(all).count == 7)
        var path: String? = "/v1/usage/logs?limit=2&offset=1"
        var seen: [String] = []
        while let page = path {
            seen += try await fixture.runIDs(page)
            let link = try await fixture.get(page).headers[.link]
            path = link?.firstMatch(of: /<http:..[^\/]+(.*)>; rel="next"/).map { String($0.1) }
        }
        #expect(seen == Array(all.dropFirst()))
    }

    @Test func `sums are those of the rows, whole and by group`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await Fixture(folder)
        try await fixture.spend(Self.runID(1), model: "cheap", nano: 1_500_000)
        try await fixture.spend(Self.runID(2), model: "dear", nano: 25_000_000)
        let text = try await fixture.get("/v1/usage/summary").text()
        #expect(
            text == #"{"total_requests":2,"total_input_tokens":6,"total_output_tokens":10,"total_cost_cents":3,"#
                + #""total_cost_usd":"0.0265"}"#)
        let models = try #require(try await fixture.json("/v1/usage/by-model") as? [[String: Any]])
        #expect(models.map { $0["model"] as? String } == ["dear", "cheap"])
        #expect(models.map { $0["total_cost_cents"] as? Int } == [3, 0])
        for grouping in ["key_id": "key", "day": "day", "model": "model"] {
            let path = "/v1/usage/summary?group_by=\(grouping.value)"
            let summary = try #require(try await fixture.json(path) as? [String: Any])
            let groups = try #require(summary["groups"] as? [[String: Any]])
            #expect(groups.allSatisfy { $0[grouping.key] is String })
            #expect(groups.compactMap { $0["total_requests"] as? Int }.reduce(0, +) == 2)
        }
    }

    @Test func `a key that has spent its budget is told its totals, unless it asks to ignore that`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try await Fixture(folder, monthlyBudgetCents: 2)
        try await fixture.spend(Self.runID(1), nano: 19_999_999)
        #expect(try await fixture.get("/v1/usage/summary").status == .ok)
        try await fixture.spend(Self.runID(2), nano: 1)
        let error = await #expect(throws: APIError.self) { try await fixture.get("/v1/usage/summary") }
        #expect(error?.code == .paymentRequired)
        #expect(error?.members.first { $0.name == "total_cost_cents" }?.value == .integer(2))
        #expect(error?.members.first { $0.name == "total_cost_usd" }?.value == .text("0.02"))
        #expect(error?.members.count == 5)
        #expect(try await fixture.get("/v1/usage/summary?ignore_budget=1").status == .ok)
        #expect(try await fixture.get("/v1/usage/by-model").status == .ok)
        let session = Principal.stub(userID: fixture.principal.userID, isSession: true)
        #expect(try await fixture.get("/v1/usage/summary", as: session).status == .ok)
    }

    @Test func `times are inclusive at the start and exclusive at the end, to the nanosecond`() throws {
        func filter(_ query: String) throws -> UsageFilter {
            try UsageFilter(try QueryParameters(query), of: .stub())
        }
        #expect(try filter("from=1700000000000000000").from == 1_700_000_000_000)
        #expect(try filter("from=1700000000000000001").from == 1_700_000_000_001)
        #expect(try filter("to=2023-11-14T22:13:20Z").to == 1_700_000_000_000)
        #expect(try filter("to=1700000000000000001").to == 1_700_000_000_001)
        #expect(try filter("to=18446744073709551615").to == 18_446_744_073_710)
    }

    @Test func `an id that is a UUID but no key's is the id of no key`() throws {
        for text in ["f40cf8b0-c367-4764-92e3-cbd358fa3d76", "00000000-0000-0000-0000-000000000000"] {
            #expect(try UsageFilter(try QueryParameters("key_id=\(text)"), of: .stub()).keyID != nil)
        }
        for text in ["x", "f40cf8b0c367476492e3cbd358fa3d76", "f40cf8b0-c367-4764-92e3-cbd358fa3d7g"] {
            let error = #expect(throws: APIError.self) {
                try UsageFilter(try QueryParameters("key_id=\(text)"), of: .stub())
            }
            #expect(error?.parameter == "key_id")
        }
    }

    @Test func `a cursor survives being written and read, and nothing else is one`() throws {
        var generator = SystemRandomNumberGenerator()
        let position = UsagePosition(createdAt: 5, id: UUIDv7(milliseconds: 5, using: &generator))
        #expect(try UsagePosition(cursor: position.cursor) == position)
        for text in [
            "", "5", "5.", "x.\(position.id)", "5.\(position.id).", "5.x", "99999999999999999999.\(position.id)",
        ] {
            #expect(throws: APIError.self) { try UsagePosition(cursor: text) }
        }
    }
}

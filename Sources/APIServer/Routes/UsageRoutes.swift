import Accounts
import HTTPTypes
import Hummingbird
import OTLP

/// What a user's runs have used: one by one, summed, and summed by model.
struct UsageRoutes {
    static let limitRange = 1...500
    static let limitDefault = 50
    static let offsetRange = 0...1_000_000_000

    let usage: UsageStore
    let ledger: Ledger
    let publicURL: PublicURL

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/usage/logs", access: .key(.account), read: readLogs, act: logs),
            Endpoint(.get, "/v1/usage/summary", access: .key(.account), read: readSummary, act: summary),
            Endpoint(.get, "/v1/usage/by-model", access: .key(.account), read: readFilter, act: byModel),
        ]
    }

    @Sendable
    private func readFilter(_ request: APIRequest) async throws -> UsageFilter {
        try UsageFilter(try request.query(), of: try request.authenticated())
    }

    // MARK: Runs

    struct Logs: Sendable {
        var filter: UsageFilter
        var limit: Int
        var offset: Int
        var after: UsagePosition?
    }

    @Sendable
    private func readLogs(_ request: APIRequest) async throws -> Logs {
        let parameters = try request.query()
        let offset = try parameters.integer("offset", in: Self.offsetRange) ?? 0
        let after = try parameters.value("cursor").map { text throws(APIError) in try UsagePosition(cursor: text) }
        return Logs(
            filter: try UsageFilter(parameters, of: try request.authenticated()),
            limit: try parameters.integer("limit", in: Self.limitRange) ?? Self.limitDefault,
            // A cursor says where to go on. What was left out before the first page is not left out again.
            offset: after == nil ? offset : 0,
            after: after)
    }

    @Sendable
    private func logs(_ input: Logs, _ request: APIRequest) async throws -> Response {
        let page = try await usage.logs(input.filter, after: input.after, offset: input.offset, limit: input.limit)
        var writer = JSONWriter()
        writer.beginArray()
        for row in page.rows { writer.usageRow(row) }
        writer.endArray()
        var response = Response(json: writer)
        if let next = page.next {
            response.headers[.link] = NextLink(request, publicURL: publicURL.text, cursor: next.cursor).text
        }
        return response
    }

    // MARK: Sums

    struct Summary: Sendable {
        var filter: UsageFilter
        var grouping: UsageGrouping?
        var ignoresBudget: Bool
    }

    @Sendable
    private func readSummary(_ request: APIRequest) async throws -> Summary {
        let parameters = try request.query()
        return Summary(
            filter: try UsageFilter(parameters, of: try request.authenticated()),
            grouping: try parameters.choice("group_by", of: ["key": UsageGrouping.key, "day": .day, "model": .model]),
            ignoresBudget: try parameters.choice(
                "ignore_budget", of: ["1": true, "true": true, "0": false, "false": false]) ?? false)
    }

    /// A key that has spent its month budget is refused, with the totals in the error.
    @Sendable
    private func summary(_ input: Summary, _ request: APIRequest) async throws -> Response {
        let totals = try await usage.summary(input.filter)
        if !input.ignoresBudget, try await ledger.hasSpentBudget(try request.authenticated()) {
            throw APIError.budgetSpent(totals)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.usageTotals(totals)
        if let grouping = input.grouping {
            writer.key("groups")
            writer.beginArray()
            for group in try await usage.summary(input.filter, groupedBy: grouping) {
                writer.usageGroup(group, grouping)
            }
            writer.endArray()
        }
        writer.endObject()
        return Response(json: writer)
    }

    @Sendable
    private func byModel(_ filter: UsageFilter, _ request: APIRequest) async throws -> Response {
        var writer = JSONWriter()
        writer.beginArray()
        for group in try await usage.summary(filter, groupedBy: .model) { writer.usageGroup(group, .model) }
        writer.endArray()
        return Response(json: writer)
    }
}

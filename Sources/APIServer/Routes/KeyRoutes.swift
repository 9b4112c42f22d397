import Accounts
import Database
import HTTPTypes
import Hummingbird
import OTLP

/// Makes, lists and deletes a user's API keys.
struct KeyRoutes {
    static let limitRange = 1...100
    static let limitDefault = 20

    let accounts: AccountStore
    let ledger: Ledger
    let keyUses: KeyUseRecorder
    let bodies: JSONBodyReader
    let publicURL: PublicURL

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/v1/keys", access: .keyAdministrator, read: readNewKey, act: create),
            Endpoint(.get, "/v1/keys", access: .keyAdministrator, read: readPage, act: list),
            Endpoint(.delete, "/v1/keys/{id}", access: .keyAdministrator, act: delete),
        ]
    }

    // MARK: Make

    struct NewKey: Sendable {
        var name: String
        var scopes: ScopeSet
        var rateLimitPerMinute: Int?
        var monthlyBudgetCents: Int64?
        var expiresAt: Int64?
    }

    @Sendable
    private func readNewKey(_ request: APIRequest) async throws -> NewKey {
        try await bodies.readOptional(request) { body throws(APIError) in
            NewKey(
                name: try body.string("name") ?? "",
                scopes: try body.strings("scopes").map(Self.scopes) ?? .all,
                rateLimitPerMinute: try body.integer("rate_limit_rpm", in: 1...1_000_000).map(Int.init),
                monthlyBudgetCents: try body.integer("monthly_budget_cents", in: 0...1_000_000_000_000),
                expiresAt: try body.time("expires_at"))
        }
    }

    private static func scopes(_ names: [String]) throws(APIError) -> ScopeSet {
        // A comma would make several scopes of one name.
        if let name = names.first(where: { Scope(rawValue: $0) == nil }) {
            let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(
                .invalidRequest, "there is no scope \"\(name)\"; scopes are \(known)", parameter: "scopes")
        }
        do throws(AccountsError) {
            return try ScopeSet(parsing: names.joined(separator: ","))
        } catch {
            throw APIError(.invalidRequest, "scopes must name at least one scope", parameter: "scopes")
        }
    }

    @Sendable
    private func create(_ input: NewKey, _ request: APIRequest) async throws -> Response {
        let principal = try request.authenticated()
        guard input.scopes.isSubset(of: principal.scopes) else {
            throw APIError(
                .forbidden, "a key can't make one with more scopes than it has", parameter: "scopes",
                hint: "Name scopes out of these: \(principal.scopes).")
        }
        let (key, record) = try await accounts.createKey(
            forUser: principal.userID, name: input.name, scopes: input.scopes,
            rateLimitPerMinute: input.rateLimitPerMinute, monthlyBudgetCents: input.monthlyBudgetCents,
            expiresAt: input.expiresAt)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.string(record.id.description)
        writer.key("key")
        writer.string(key.secretText)
        writer.keyMembers(record)
        writer.endObject()
        return Response(secretJSON: writer, status: .created)
    }

    // MARK: List

    struct Page: Sendable {
        var limit: Int
        /// The last key of the page before.
        var before: UUIDv7?
    }

    @Sendable
    private func readPage(_ request: APIRequest) async throws -> Page {
        let parameters = try request.query()
        let before = try parameters.value("cursor").map { text throws(APIError) in
            guard let id = UUIDv7(text) else { throw APIError.unknownCursor }
            return id
        }
        return Page(limit: try parameters.integer("limit", in: Self.limitRange) ?? Self.limitDefault, before: before)
    }

    @Sendable
    private func list(_ page: Page, _ request: APIRequest) async throws -> Response {
        let userID = try request.authenticated().userID
        // One more than asked for shows whether there is a next page.
        let found = try await accounts.keys(ofUser: userID, before: page.before, limit: page.limit + 1)
        let records = found.prefix(page.limit)
        let spent = try await ledger.monthSpend(ofKeys: records.map(\.id))
        let now = UnixTime.now()
        var writer = JSONWriter()
        writer.beginArray()
        for record in records {
            writer.beginObject()
            writer.key("id")
            writer.string(record.id.description)
            writer.keyMembers(record)
            writer.key("is_active")
            writer.bool(record.isActive(at: now))
            writer.key("last_used_at")
            writer.timeOrNull(
                milliseconds: [record.lastUsedAt, keyUses.lastUse(of: record.id)].compactMap(\.self).max())
            writer.key("monthly_spend_cents")
            writer.integer(spent[record.id]?.roundedCents ?? 0)
            writer.endObject()
        }
        writer.endArray()
        var response = Response(json: writer)
        if found.count > page.limit, let last = records.last {
            response.headers[.link] = NextLink(request, publicURL: publicURL.text, cursor: last.id.description).text
        }
        return response
    }

    // MARK: Delete

    @Sendable
    private func delete(_ request: APIRequest) async throws -> Response {
        let text = request.parameters["id"] ?? ""
        guard let id = UUIDv7(text) else { throw APIError(.notFound, "there is no such key", parameter: "id") }
        try await accounts.deleteKey(id, ofUser: try request.authenticated().userID)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.string(id.description)
        writer.key("deleted")
        writer.bool(true)
        writer.endObject()
        return Response(json: writer)
    }
}

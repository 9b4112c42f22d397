import Accounts
import Database
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import APIServer

@Suite struct EndpointTests {
    private func status(_ access: Endpoint.Access, _ principal: Principal?, valid: Bool = true) async -> Int {
        let endpoint = Endpoint(.get, "/", access: access) { _ in
            guard valid else { throw APIError(.invalidRequest, "") }
        } act: { _, _ in
            Response(status: .ok)
        }
        do {
            return try await endpoint.prepare(.stub(principal: principal))().status.code
        } catch {
            return APIError(error).code.status.code
        }
    }

    @Test func `a scope that is missing is found after a mistake in the request and before anything is done`() async {
        let principal = Principal.stub(scopes: ScopeSet(.tracesRead))
        #expect(await status(.key(.account), principal) == 403)
        #expect(await status(.key(.account), principal, valid: false) == 400)
        #expect(await status(.key(.tracesRead), principal) == 200)
        #expect(await status(.anyCredential, principal) == 200)
    }

    @Test func `keys are managed by sessions and by account keys without limits`() async {
        let account = ScopeSet(.account)
        #expect(await status(.keyAdministrator, .stub(isSession: true)) == 200)
        #expect(await status(.keyAdministrator, .stub(scopes: account)) == 200)
        #expect(await status(.keyAdministrator, .stub(scopes: ScopeSet(.inference))) == 403)
        #expect(await status(.keyAdministrator, .stub(scopes: account, monthlyBudgetCents: 0)) == 403)
        #expect(await status(.keyAdministrator, .stub(scopes: account, rateLimitPerMinute: 1_000_000)) == 403)
        #expect(await status(.keyAdministrator, nil) == 403)
    }
}

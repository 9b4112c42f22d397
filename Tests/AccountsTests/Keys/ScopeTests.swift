import Testing

@testable import Accounts

struct ScopeTests {
    @Test func `a list is read and written in one order`() throws {
        let scopes = try ScopeSet(parsing: "traces:read, otlp:write")
        #expect(scopes == ScopeSet(.otlpWrite, .tracesRead))
        #expect(scopes.description == "otlp:write,traces:read")
        #expect(scopes.contains(.otlpWrite))
        #expect(!scopes.contains(.account))
    }

    @Test func `all scopes are the documented six`() {
        #expect(ScopeSet.all.description == "inference,otlp:write,traces:read,audit:read,audit:write,account")
    }

    @Test func `a subset is told from a superset`() {
        #expect(ScopeSet(.inference).isSubset(of: ScopeSet(.inference, .account)))
        #expect(!ScopeSet.all.isSubset(of: ScopeSet(.inference, .account)))
    }

    @Test(arguments: ["otlp:read", "", "inference,", ",", "INFERENCE", "inference account"])
    func `an unknown scope is refused by name`(text: String) {
        let error = #expect(throws: AccountsError.self) { try ScopeSet(parsing: text) }
        #expect(error?.code == .invalidScopes)
        let unknown = text.split(separator: ",").first { Scope(rawValue: String($0)) == nil } ?? ""
        #expect(error?.description.contains("\"\(unknown)\"") == true)
    }
}

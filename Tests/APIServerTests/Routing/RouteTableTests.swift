import Hummingbird
import Testing

@testable import APIServer

@Suite struct RouteTableTests {
    private let table = RouteTable([
        Endpoint(.get, "/v1/traces", access: .everyone) { _ in Response(status: .ok) },
        Endpoint(.post, "/v1/traces", access: .everyone) { _ in Response(status: .ok) },
        Endpoint(.get, "/v1/traces/{trace_id}", access: .everyone) { _ in Response(status: .ok) },
        Endpoint(.get, "/v1/traces/latest", access: .everyone) { _ in Response(status: .ok) },
    ])

    @Test func `a template names its parameters and a literal path comes first`() throws {
        #expect(try #require(table.match("/v1/traces/abc")).parameters == ["trace_id": "abc"])
        #expect(try #require(table.match("/v1/traces/latest")).parameters.isEmpty)
    }

    @Test func `methods of a path are found together, HEAD with GET`() throws {
        let match = try #require(table.match("/v1/traces"))
        #expect(match.allowedMethods == [.get, .post, .head])
    }

    @Test(arguments: ["/", "/v1", "/v1/traces/", "/v1/traces/a/b", "/v1//traces", "/V1/traces", "//v1/traces"])
    func `other paths match nothing`(path: String) {
        #expect(table.match(path) == nil)
    }
}

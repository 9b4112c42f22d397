import HTTPTypes
import Hummingbird
import Testing

@testable import APIServer

@Suite struct ErrorResponseTests {
    private func response(_ error: APIError, _ format: Endpoint.ErrorFormat = .contract) -> Response {
        ErrorResponse(error, requestID: "r").response(format, for: APIRequest.stub(.post).request)
    }

    @Test func `an error without more to say has its six keys and nothing else`() async throws {
        let text = try await response(APIError(.conflict, "m", parameter: "p", hint: "h")).text()
        let members =
            #""code":"conflict","message":"m","type":"conflict_error","param":"p","hint":"h","request_id":"r""#
        #expect(text == "{\"error\":{\(members)}}")
    }

    @Test func `what else an error says stands inside and beside it`() async throws {
        var error = APIError(.paymentRequired, "m", hint: "h")
        error.members = [.init(name: "total", value: .integer(-5)), .init(name: "usd", value: .text("0.5"))]
        let response = response(error)
        #expect(response.status.code == 402)
        #expect(response.headers[.shouldRetry] == "false")
        let text = try await response.text()
        #expect(text.hasSuffix(#""request_id":"r","total":-5,"usd":"0.5"},"total":-5,"usd":"0.5"}"#))
        #expect(text.contains(#""type":"insufficient_quota""#))
    }

    @Test func `a rate limit says in both units when to come back`() {
        let headers = response(.rateLimited("m", retryAfterMilliseconds: 1500)).headers
        #expect(headers[.retryAfter] == "2")
        #expect(HTTPField.Name("retry-after-ms").map { headers[$0] } == "1500")
        #expect(headers[.shouldRetry] == nil)
    }

    @Test func `wrong credentials ask for others`() {
        let response = response(APIError(.invalidCredentials, "m"))
        #expect(response.status == .unauthorized && response.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test(arguments: [(APIError.Code.rateLimited, 8), (.paymentRequired, 8), (.conflict, 6), (.invalidCredentials, 16)])
    func `on OTLP paths an error is a Status`(code: APIError.Code, number: Int) async throws {
        let text = try await response(APIError(code, "m"), .otlp).text()
        #expect(text == "{\"code\":\(number),\"message\":\"\(code.rawValue): m\"}")
    }
}

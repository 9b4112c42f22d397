import NIOHTTP1
import Testing

@testable import Inference

struct UpstreamHeadersTests {
    private static func sent(
        _ callerHeaders: [(String, String)], own: [(String, String)] = [],
        endpoint: Provider.Endpoint = Provider.Endpoint(baseURL: "http://127.0.0.1/"),
        expecting content: UpstreamRequest.ExpectedContent = .json
    ) -> HTTPHeaders {
        UpstreamHeaders(endpoint).request(
            .stub(
                expecting: content, callerHeaders: callerHeaders.map { HeaderField($0, $1) },
                ownHeaders: own.map { HeaderField($0, $1) }))
    }

    private static func passedOn(_ headers: [(String, String)]) -> [String] {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: HTTPHeaders(headers))
        let response = UpstreamHeaders(Provider.Endpoint(baseURL: "http://127.0.0.1/"))
            .response(head, body: UpstreamBody(chunks: []))
        return response.headers.map { "\($0.name): \($0.value)" }
    }

    @Test(arguments: [
        "Authorization", "authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "api-key", "X-Goog-Api-Key",
        "X-Auth-Token", "X-Amz-Security-Token", "CF-Access-Client-Secret", "OpenAI-Organization", "OpenAI-Project",
        "X-BatchIn-Prompt-Version", "x-batchin-internal-token", "X-VaaS-Record-Id", "Idempotency-Key",
        "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Connection",
        "Host", "Content-Length", "Content-Encoding", "Expect", "Forwarded", "X-Forwarded-For", "X-Real-IP", "Via",
        "Origin", "Referer", "traceparent", "tracestate", "X-Request-Id",
    ])
    func `a caller's header that is nobody else's business stays here`(name: String) {
        #expect(Self.sent([(name, "theirs")])[name].allSatisfy { !$0.contains("theirs") })
    }

    @Test(arguments: ["User-Agent", "OpenAI-Beta", "X-Stainless-Lang", "Accept-Language", "X-Session-Affinity"])
    func `other headers of a caller go upstream as they are`(name: String) {
        #expect(Self.sent([(name, "theirs")])[name] == ["theirs"])
    }

    @Test func `what a caller's Connection header names belongs to the connection`() {
        let sent = Self.sent([
            ("Connection", "close, X-Hop ,\tX-Skip"), ("x-hop", "1"), ("X-SKIP", "2"), ("X-Stay", "3"),
        ])
        #expect(sent["x-hop"].isEmpty && sent["x-skip"].isEmpty)
        #expect(sent["x-stay"] == ["3"])
    }

    @Test func `every request says what it is and what it wants`() {
        let sent = Self.sent([("Content-Type", "text/plain"), ("Accept", "*/*"), ("Accept-Encoding", "gzip")])
        #expect(sent["content-type"] == ["application/json"])
        #expect(sent["accept"] == ["application/json"])
        #expect(sent["accept-encoding"] == ["identity"])
        #expect(sent["authorization"].isEmpty)
        #expect(Self.sent([], expecting: .eventStream)["accept"] == ["text/event-stream"])
    }

    @Test func `our own headers go in place of the caller's`() {
        let sent = Self.sent(
            [("traceparent", "theirs"), ("X-Mark", "theirs")], own: [("traceparent", "ours"), ("x-mark", "ours")])
        #expect(sent["traceparent"] == ["ours"])
        #expect(sent["x-mark"] == ["ours"])
    }

    @Test func `the operator's headers go in place of all others`() {
        let endpoint = Provider.Endpoint(
            baseURL: "http://127.0.0.1/", apiKey: ProviderSecret("key"),
            headers: ["x-team": ProviderSecret("operator"), "AUTHORIZATION": ProviderSecret("Basic abc")])
        let sent = Self.sent(
            [("X-Team", "theirs"), ("Authorization", "theirs")], own: [("X-Team", "ours")], endpoint: endpoint)
        #expect(sent["x-team"] == ["operator"])
        #expect(sent["authorization"] == ["Basic abc"])
    }

    @Test(arguments: [
        "Connection: close", "Keep-Alive: timeout=5", "Transfer-Encoding: chunked", "Trailer: X", "Upgrade: h2c",
        "Proxy-Authenticate: Basic", "Content-Length: 5", "Content-Encoding: identity",
        "Content-Type: application/json",
        "Set-Cookie: a=b", "WWW-Authenticate: Basic", "Retry-After: 5", "Retry-After-Ms: 5", "X-Should-Retry: true",
        "X-BatchIn-Run-Id: run_x", "X-VaaS-Signature: ed25519:0", "X-RateLimit-Remaining-Requests: 1",
        "X-Request-Id: theirs", "traceparent: theirs", "Access-Control-Allow-Origin: *",
        "Strict-Transport-Security: max-age=1", "Alt-Svc: h3", "Date: today", "Server: nginx",
    ])
    func `an upstream's header that would speak in our name stays behind`(line: String) {
        let parts = line.split(separator: ": ")
        #expect(Self.passedOn([(String(parts[0]), String(parts[1]))]).isEmpty)
    }

    @Test func `other headers of an upstream go to the caller`() {
        let headers = [("openai-processing-ms", "12"), ("X-Own", "1"), ("X-Own", "2")]
        #expect(Self.passedOn(headers) == ["openai-processing-ms: 12", "X-Own: 1", "X-Own: 2"])
        #expect(Self.passedOn([("Connection", "x-own"), ("X-Own", "1")]).isEmpty)
    }
}

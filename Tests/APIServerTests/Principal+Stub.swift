import Accounts
import Database
import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded

@testable import APIServer

extension Principal {
    static func stub(
        userID: UserID? = nil, isSession: Bool = false, scopes: ScopeSet = .all, monthlyBudgetCents: Int64? = nil,
        rateLimitPerMinute: Int? = nil
    ) -> Principal {
        var generator = SystemRandomNumberGenerator()
        return Principal(
            userID: userID ?? UserID(UUIDv7(milliseconds: 1, using: &generator)),
            credential: isSession ? .session : .key(UUIDv7(milliseconds: 2, using: &generator)),
            scopes: scopes, monthlyBudgetCents: monthlyBudgetCents, rateLimitPerMinute: rateLimitPerMinute)
    }
}

extension APIRequest {
    static func stub(
        _ method: HTTPRequest.Method = .get, _ path: String = "/", headers: HTTPFields = [:], body: [UInt8] = [],
        principal: Principal? = nil
    ) -> APIRequest {
        var generator = SystemRandomNumberGenerator()
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        return APIRequest(
            request: Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body))), parameters: [:],
            requestID: "req", trace: TraceContext(headers, using: &generator), principal: principal,
            channel: EmbeddedChannel())
    }
}

extension Response {
    /// The whole body as text.
    func text() async throws -> String {
        let collector = BodyCollector()
        try await body.write(collector)
        return String(buffer: collector.bytes)
    }
}

private final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        bytes.writeImmutableBuffer(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

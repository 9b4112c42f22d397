import HTTPTypes
import Testing

@testable import APIServer

@Suite struct JSONBodyReaderTests {
    private let reader = JSONBodyReader(limit: 100)

    private func read(
        _ body: String, type: String? = "application/json", optional: Bool = false
    ) async throws -> String? {
        let request = APIRequest.stub(
            .post, headers: type.map { [.contentType: $0] } ?? [:], body: Array(body.utf8))
        let decode = { (body: borrowing JSONBody) throws(APIError) in try body.string("a") }
        return optional
            ? try await reader.readOptional(request, decode: decode)
            : try await reader.read(request, decode: decode)
    }

    private func code(
        _ body: String, type: String? = "application/json", optional: Bool = false
    ) async -> APIError.Code? {
        do {
            _ = try await read(body, type: type, optional: optional)
            return nil
        } catch {
            return APIError(error).code
        }
    }

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y",
    ])
    func `JSON is known by its type, in any case and with parameters`(type: String) async throws {
        let value = try await read(#"{"a":"b"}"#, type: type)
        #expect(value == "b")
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json, text/plain",
    ])
    func `any other type is 415`(type: String?) async {
        #expect(await code(#"{"a":"b"}"#, type: type) == .unsupportedMediaType)
    }

    @Test func `an empty body counts as an object only where nothing is required`() async throws {
        for type in [nil, "application/json"] {
            #expect(await code("", type: type) == .invalidRequest)
            let value = try await read("", type: type, optional: true)
            #expect(value == nil)
        }
        #expect(await code("", type: "text/plain", optional: true) == .unsupportedMediaType)
        #expect(await code(" ", optional: true) == .invalidRequest)
    }

    @Test func `size comes before type, and type before content`() async {
        let large = String(repeating: "x", count: 101)
        #expect(await code(large, type: "text/plain") == .payloadTooLarge)
        #expect(await code("x", type: "text/plain") == .unsupportedMediaType)
        #expect(await code("x") == .invalidRequest)
    }

    @Test func `a body of exactly the limit is read`() async throws {
        let frame = #"{"a":""}"#
        let value = try await read(#"{"a":"\#(String(repeating: "x", count: 100 - frame.utf8.count))"}"#)
        #expect(value?.count == 92)
    }
}

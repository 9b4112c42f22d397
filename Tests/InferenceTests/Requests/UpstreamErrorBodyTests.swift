import Testing

@testable import Inference

@Suite struct UpstreamErrorBodyTests {
    @Test(arguments: [
        #"{"error":{"message":"too long","type":"invalid_request_error"}}"#, #"{"error":"too long"}"#,
        #"{"message":"too long","object":"error"}"#, #"{"detail":"too long"}"#,
        #"{"detail":[{"loc":["body"],"msg":"too long"}]}"#, #"{"error":{"message":"too\nlong\u0000"}}"#,
        #"{"error":{"message":" too\u200b  long "}}"#,
    ])
    func `the message is found in every common shape`(body: String) {
        #expect(UpstreamErrorBody(body: Array(body.utf8)).message == "too long")
    }

    @Test func `the names beside the message are kept if they are names`() {
        let body = UpstreamErrorBody(
            body: Array(
                #"{"error":{"message":"m","type":"invalid_request_error","code":"context_length_exceeded","param":"messages[0].content"}}"#
                    .utf8))
        #expect(body.type == "invalid_request_error")
        #expect(body.code == "context_length_exceeded")
        #expect(body.parameter == "messages[0].content")
        let odd = UpstreamErrorBody(
            body: Array("{\"type\":\"a b\",\"code\":400,\"param\":\"\(String(repeating: "x", count: 65))\"}".utf8))
        #expect(odd.type == nil)
        #expect(odd.code == nil)
        #expect(odd.parameter == nil)
    }

    @Test(arguments: [
        "", "<html>Bad Gateway</html>", "{", "[]", "{}", #"{"error":null}"#, #"{"error":{"message":""}}"#,
        #"{"error":"x""#,
    ])
    func `anything else has no message`(body: String) {
        let body = UpstreamErrorBody(body: Array(body.utf8))
        #expect(body.message == nil)
        #expect(body.inferenceError.message == "the provider reports an error")
    }

    @Test(arguments: [
        "Incorrect API key provided: sk-proj-Ab3*****wxyz. See the docs.", "bad key: 'gsk_A1b2C3d4E5'",
        "use Bearer abc",
        "token eyJhbGciOiJIUzI1NiJ9.e30.abc expired", "hash 0123456789abcdef0123456789abcdef is unknown",
        "key=AIzaSyA1234567 denied", "the secret is hunter2!", "authorization: Basic dXNlcjpwYXNz",
    ])
    func `credentials are blacked out`(message: String) {
        let shown = UpstreamErrorBody(
            body: Array("{\"error\":{\"message\":\"\(message)\"}}".utf8), hiding: ["hunter2", ""]
        ).message
        #expect(shown?.contains("[redacted]") == true)
        for secret in ["Ab3", "wxyz", "A1b2", "abc", "eyJ", "0123", "AIza", "hunter2", "dXNl"] {
            #expect(shown?.contains(secret) == false, "\(shown ?? "")")
        }
    }

    @Test(arguments: [
        "The model meta-llama/Llama-3.3-70B-Instruct-Turbo does not exist",
        "This model's maximum context length is 131072 tokens.",
        "max_tokens must be at least 1, got -1 (context_length_exceeded)", "上下文长度超过了模型的最大限制", "risk-free sky-high key",
    ])
    func `plain messages are left alone`(message: String) {
        #expect(UpstreamErrorBody(body: Array("{\"error\":\"\(message)\"}".utf8)).message == message)
    }

    @Test func `a long message is cut`() {
        let message = String(repeating: "界", count: 2_000)
        let shown = UpstreamErrorBody(body: Array("{\"error\":\"\(message)\"}".utf8)).message
        #expect(shown?.count == 501)
        #expect(shown?.hasSuffix("界…") == true)
    }

    @Test func `of a very long body nothing is read`() {
        let message = String(repeating: "a ", count: 32_760)
        #expect(UpstreamErrorBody(body: Array("{\"error\":\"\(message)\"}".utf8)).message?.isEmpty == false)
        #expect(UpstreamErrorBody(body: Array("{\"error\":\"\(message)      \"}".utf8)).message == nil)
    }
}

import Testing

@testable import Inference

struct PreparedCallTests {
    private let catalogue: Catalogue

    init() {
        var pricing = Pricing()
        pricing.standardInput = Price(decimalText: "1")
        pricing.standardOutput = Price(decimalText: "1000000")
        let route = Route(id: "r", targets: [Route.Target(provider: "p")])
        let models = [
            Model(id: "small", ownedBy: "us", contextLength: 100, pricing: pricing, created: 0, route: route),
            Model(id: "endless", ownedBy: "us", pricing: pricing, created: 0, route: route),
            Model(id: "free", ownedBy: "us", created: 0, route: route),
            Model(id: "vectors", kind: .embedding, ownedBy: "us", pricing: pricing, created: 0, route: route),
            Model(id: "voice", kind: .speech, ownedBy: "us", pricing: pricing, created: 0, route: route),
        ]
        catalogue = Catalogue(models: models, providers: [Provider(id: "p", kind: .echo)])
    }

    private func prepare(
        _ operation: InferenceRun.Operation, _ body: String
    ) throws(InferenceError) -> PreparedCall {
        try PreparedCall(InferenceCall(operation, body: Array(body.utf8)), in: catalogue)
    }

    /// How many tokens of output are paid for; input costs too little to matter.
    private func outputTokens(_ members: String, model: String = "small") throws -> Int64 {
        let body = #"{"model":"\#(model)","messages":[{"role":"user","content":"Hi"}]\#(members)}"#
        return try prepare(.chat, body).costMax / 1_000_000_000
    }

    @Test(arguments: [
        ("", 100), (#","max_tokens":7"#, 7), (#","max_completion_tokens":8"#, 8),
        (#","max_tokens":7,"max_completion_tokens":8"#, 8), (#","max_tokens":101"#, 100), (#","n":3"#, 300),
        (#","n":3,"max_tokens":7"#, 21), (#","max_tokens":null"#, 100),
    ])
    func `a chat reserves for the most that its choices can hold`(members: String, tokens: Int64) throws {
        #expect(try outputTokens(members) == tokens)
    }

    @Test func `a model that says nothing of its context has a bound of its own`() throws {
        #expect(try outputTokens("", model: "endless") == 131_072)
        #expect(try outputTokens(#","max_tokens":7"#, model: "endless") == 7)
    }

    @Test func `a completion reserves for every prompt, and for candidates that nobody sees`() throws {
        let cost = try prepare(
            .textCompletion, #"{"model":"small","prompt":["a","b"],"best_of":5,"n":2,"max_tokens":10}"#
        ).costMax
        #expect(cost / 1_000_000_000 == 100)
    }

    @Test func `the prompt's length is reserved for too`() throws {
        let texts = [10, 1_000].map { String(repeating: "x", count: $0) }
        let costs = try texts.map { try prepare(.embeddings, #"{"model":"vectors","input":"\#($0)"}"#).costMax }
        #expect(costs[1] - costs[0] == 990 * 1_000)
        #expect(costs[0] < 1_000_000_000)
    }

    @Test func `a free model reserves nothing`() throws {
        #expect(try outputTokens("", model: "free") == 0)
    }

    @Test(arguments: [
        (InferenceRun.Operation.chat, #"{"model":"vectors","messages":[{}]}"#),
        (.textCompletion, #"{"model":"vectors","prompt":""}"#), (.embeddings, #"{"model":"small","input":"a"}"#),
        (.chat, #"{"model":"voice","messages":[{}]}"#), (.embeddings, #"{"model":"voice","input":"a"}"#),
        (.chat, #"{"model":"nobody","messages":[{}]}"#),
    ])
    func `a model that is not one for the endpoint is not found`(
        operation: InferenceRun.Operation, body: String
    ) throws {
        let error = #expect(throws: InferenceError(.modelNotFound, "")) { try prepare(operation, body) }
        #expect(error?.parameter == "model")
    }

    @Test func `a stored prompt can't be asked for yet`() throws {
        let body = #"{"model":"small","messages":[{}],"prompt":{"id":"support"}}"#
        let error = #expect(throws: InferenceError(.notImplemented, "")) { try prepare(.chat, body) }
        #expect(error?.parameter == "prompt")
    }

    @Test func `a cost that can't be counted is refused`() throws {
        let body = #"{"model":"endless","messages":[{}],"max_tokens":9000000000000000000,"n":128}"#
        // The model's own bound makes it countable again.
        #expect(try prepare(.chat, body).costMax > 0)
        let prompts = Array(repeating: #""a""#, count: 1_000).joined(separator: ",")
        let tooMuch = #"{"model":"endless","prompt":[\#(prompts)],"n":128}"#
        #expect(throws: InferenceError(.invalidRequest, "")) { try prepare(.textCompletion, tooMuch) }
    }

    @Test func `a header's prompt version goes before the body's, and either before none`() async throws {
        try await withGateway(AnswerStub.served) { stub in
            let named = GatewayStub.chat.dropLast() + #","metadata":{"prompt_version":"body@v1"}}"#
            let header = PromptVersion("header@v2")
            let cases: [(String, PromptVersion?, String)] = [
                (String(named), header, "header@v2"), (String(named), nil, "body@v1"),
                (GatewayStub.chat, header, "header@v2"), (GatewayStub.chat, nil, "default"),
            ]
            for (body, version, expected) in cases {
                _ = try await stub.serve(body, promptVersion: version)
                #expect(stub.account.lastRun?.promptVersion.description == expected)
            }
        }
    }
}

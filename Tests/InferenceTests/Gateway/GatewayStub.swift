import OTLP
import Synchronization
import TestSupport
import Testing

@testable import Inference

/// A gateway whose models all have two providers, which one scripted upstream plays both: `near`, which is always asked
/// first and whose paths begin with `/near`, and `far`.
struct GatewayStub {
    let upstream: ScriptedUpstream
    let account = AccountStub()
    let departure = Departure()
    let gateway: InferenceGateway

    static let secret = "hush-hush"

    init(_ upstream: ScriptedUpstream, retries: Int, answerBytesMax: Int, failuresInARowMax: Int) {
        self.upstream = upstream
        let clock = NanosecondClock()
        let catalogue = Catalogue(
            models: Self.models(retries: retries),
            providers: ["near", "far"].map { Self.provider($0, at: upstream.baseURL) })
        gateway = InferenceGateway(
            catalogue: catalogue,
            router: Router(
                breaker: CircuitBreaker.Settings(failuresInARowMax: failuresInARowMax, openMillisecondsMin: 5_500),
                retries: RetryPolicy(
                    backoffMillisecondsMin: 0, backoffMillisecondsMax: 0, retryAfterMillisecondsMax: 0),
                now: { 1_000 }, generator: SeededGenerator(seed: 1)),
            upstreams: Upstreams(catalogue, now: { 0 }), answerBytesMax: answerBytesMax, now: { clock.next() },
            naming: Self.name)
    }

    private static func provider(_ id: String, at baseURL: String) -> Provider {
        Provider(
            id: id,
            kind: .openAICompatible(
                Provider.Endpoint(
                    baseURL: baseURL.replacing("/v1", with: "/\(id)"), apiKey: ProviderSecret("sk-of-\(id)"),
                    headers: ["X-Team": ProviderSecret(secret)])))
    }

    /// `chat` and `vectors` cost money, and are called `up` and `vec` at the providers.
    private static func models(retries: Int) -> [Model] {
        var pricing = Pricing()
        pricing.standardInput = Price(decimalText: "1")
        pricing.standardOutput = Price(decimalText: "2")
        pricing.cachedInput = Price(decimalText: "0.5")
        let route = { (name: String) in
            Route(
                id: "route",
                targets: [
                    Route.Target(provider: "near", model: name), Route.Target(provider: "far", model: name, weight: 0),
                ], retries: retries)
        }
        return [
            Model(
                id: "chat", ownedBy: "us", contextLength: 1_000, pricing: pricing, created: 0, route: route("up")),
            Model(id: "endless", ownedBy: "us", pricing: pricing, created: 0, route: route("up")),
            Model(id: "vectors", kind: .embedding, ownedBy: "us", pricing: pricing, created: 0, route: route("vec")),
        ]
    }

    private static func name(_ error: any Error) -> (status: Int, code: String) {
        switch (error as? InferenceError)?.code {
        case nil: (402, "payment_required")
        case .invalidRequest: (400, "invalid_request")
        case .requestTooLarge: (413, "payload_too_large")
        case .upstreamRateLimited: (429, "rate_limited")
        case .upstreamError, .upstreamRefused: (502, "upstream_error")
        case .upstreamTimeout: (504, "upstream_timeout")
        case .unavailable, .cancelled: (503, "service_unavailable")
        case .modelNotFound, .notImplemented: (500, "unexpected")
        }
    }

    func serve(
        _ body: String, _ operation: InferenceRun.Operation = .chat, promptVersion: PromptVersion? = nil,
        headers: [HeaderField] = [], trace: RunTrace = .stub()
    ) async throws -> InferenceAnswer {
        let call = try InferenceCall(operation, body: Array(body.utf8))
        return try await gateway.serve(
            try PreparedCall(call, in: gateway.catalogue),
            for: InferenceCaller(
                account: account, trace: trace, promptVersion: promptVersion, headers: headers, eventLoop: nil,
                departure: departure))
    }

    /// The whole answer to a call.
    func whole(_ body: String = Self.chat, _ operation: InferenceRun.Operation = .chat) async throws -> WholeAnswer {
        guard case .buffered(let answer) = try await serve(body, operation) else {
            throw AccountStub.Refusal(reason: "it is a stream")
        }
        return answer
    }

    /// A stream that has begun.
    func stream(_ body: String = Self.stream) async throws -> StreamingRun {
        guard case .stream(let run) = try await serve(body) else {
            throw AccountStub.Refusal(reason: "it is no stream")
        }
        return run
    }

    /// What a call fails with.
    func failure(_ body: String = Self.chat) async throws -> RunFailure {
        try #require(await #expect(throws: RunFailure.self) { _ = try await serve(body) })
    }

    static let chat = #"{"model":"chat","messages":[{"role":"user","content":"Hi"}]}"#
    static let stream = #"{"model":"chat","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#
}

/// A clock that goes on by one whenever somebody looks.
private final class NanosecondClock: Sendable {
    private let nanoseconds = Mutex<UInt64>(1_000)

    func next() -> UInt64 {
        nanoseconds.withLock { nanoseconds in
            nanoseconds += 1
            return nanoseconds
        }
    }
}

/// Runs a test with a gateway whose providers follow these scripts, one for each call.
@discardableResult
func withGateway<Result>(
    _ scripts: [ScriptedUpstream.Step]..., retries: Int = 1, answerBytesMax: Int = 1 << 20,
    failuresInARowMax: Int = 5, test: (GatewayStub) async throws -> Result
) async throws -> Result {
    try await ScriptedUpstream.run(scripts) { upstream in
        let stub = GatewayStub(
            upstream, retries: retries, answerBytesMax: answerBytesMax, failuresInARowMax: failuresInARowMax)
        do {
            let result = try await test(stub)
            await stub.gateway.upstreams.shutDown()
            return result
        } catch {
            await stub.gateway.upstreams.shutDown()
            throw error
        }
    }
}

extension RunFailure {
    var inferenceError: InferenceError? { reason as? InferenceError }
}

/// Answers as a provider sends them.
enum AnswerStub {
    static func chat(_ text: String = "Hello", usage: String? = nil) -> String {
        let usage = usage.map { #","usage":\#($0)"# } ?? ""
        return
            #"{"id":"c1","model":"up-2026","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}]\#(usage)}"#
    }

    /// Costs 2 tokens at 1000, 1 at 500 and 4 at 2000 nano-dollars.
    static let usage =
        #"{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}"#
    static let cost: Int64 = 2 * 1_000 + 500 + 4 * 2_000

    static let served: [ScriptedUpstream.Step] = [.send(HTTPText.json(chat(usage: usage)))]

    static func refusal(_ status: String, _ message: String = "no", headers: String...) -> [ScriptedUpstream.Step] {
        let body = #"{"error":{"message":"\#(message)","param":"messages"}}"#
        return [.send(HTTPText.answer(body, status: status, headers: ["Content-Type: application/json"] + headers))]
    }

    static func stream(_ events: String...) -> [ScriptedUpstream.Step] {
        [.send(HTTPText.streamHead + events.map(HTTPText.chunk).joined() + HTTPText.lastChunk)]
    }
}

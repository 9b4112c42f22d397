import Inference
import OTLP
import Testing

struct RunSpansTests {
    @Test func `the resource is the gateway, its version and its environment`() throws {
        let request = try DecodedRequest(RunSpans.request(for: .stub(), environment: "production", version: "1.2.3"))
        #expect(
            request.resource == [
                "service.name": "batchin", "service.version": "1.2.3", "deployment.environment.name": "production",
            ])
        #expect(request.scope == "batchin.gateway")
        #expect(request.spans.map(\.kind) == [2, 3])
    }

    @Test func `many runs share a resource and a scope`() throws {
        let runs = (0..<200).map { number in
            InferenceRun.stub(
                model: "model-\(number)", attempts: Array(repeating: .stub(), count: number % 3))
        }
        let request = RunSpans.request(for: runs, environment: "test", version: "1") { run in
            run.model.id.hasSuffix("7") ? "vaas_\(run.model.id)" : nil
        }
        let decoded = try DecodedRequest(request)
        let servers = decoded.spans.filter { $0.kind == 2 }
        #expect(decoded.spans.count == runs.reduce(0) { $0 + 1 + $1.attempts.count })
        #expect(servers.map(\.name) == runs.map { "chat \($0.model.id)" })
        #expect(servers[17].attributes["batchin.record_id"] == "vaas_model-17")
        #expect(servers.count { $0.attributes["batchin.record_id"] != nil } == 20)
    }

    @Test func `one run alone and one run of many are the same spans`() {
        let run = InferenceRun.stub(isStream: true) { $0.usage = .stub(input: 1, output: 2) }
        #expect(
            RunSpans.request(for: run, environment: "test", version: "1", recordID: "vaas_1")
                == RunSpans.request(for: [run], environment: "test", version: "1") { _ in "vaas_1" })
    }

    @Test func `a run becomes the official request, byte by byte`() throws {
        let request = RunSpans.request(
            for: GoldenRun.run, environment: "production", version: "0.3.0", recordID: "vaas_6b1c")
        #expect(try OTLPJSON.transcodeRequest(Array(GoldenRun.json.utf8)) == request)
    }

    @Test func `text of any length and any language arrives whole`() throws {
        let message = String(repeating: "Ключ 🎉 \u{0} ", count: 3_000)
        let run = InferenceRun.stub(
            model: String(repeating: "m", count: 300),
            attempts: [.stub(status: nil, errorType: "upstream_error", errorMessage: message)]
        ) { run in
            run.outcome = .upstreamError
            run.finishReasons = Array(repeating: "stop", count: 128)
        }
        let spans = try DecodedRequest(RunSpans.request(for: run, environment: "", version: "")).spans
        #expect(spans.map(\.statusMessage) == [message, message])
        #expect(spans.allSatisfy { $0.name.utf8.count == 305 })
        #expect(spans[0].attributes["gen_ai.response.finish_reasons"] == .strings(run.finishReasons))
    }
}

import Inference
import OTLP

/// One run with everything a run can have, and the request it becomes.
enum GoldenRun {
    static var run: InferenceRun {
        var first = AttemptRecord(
            spanID: SpanID(rawValue: 0x1111_1111_1111_1111), provider: "near",
            server: .init(host: "near.test", port: 443),
            model: "llama", startedAt: 1_764_000_000_000_100_000)
        first.endedAt = 1_764_000_000_050_000_000
        first.status = 503
        first.errorType = "503"
        first.errorMessage = "the provider failed with status 503"
        var second = AttemptRecord(
            spanID: SpanID(rawValue: 0x2222_2222_2222_2222), provider: "far",
            server: .init(host: "far.test", port: 8443),
            model: "Llama-4-fp8", startedAt: 1_764_000_000_100_000_000)
        second.endedAt = 1_764_000_001_000_000_000
        second.status = 200
        let trace = RunTrace(
            traceID: TraceID(high: 0x5B8E_FFF7_9803_8103, low: 0xD269_B633_813F_C60C),
            spanID: SpanID(rawValue: 0xEEE1_9B7E_C3C1_B174), parentSpanID: SpanID(rawValue: 0xEEE1_9B7E_C3C1_B173),
            traceState: "vendor=1")
        return .stub(
            isStream: true, promptVersion: PromptVersion("support@v2") ?? .default, trace: trace,
            attempts: [first, second], startedAt: 1_764_000_000_000_000_000
        ) { run in
            run.usage = .stub(input: 1200, output: 400, cached: 1024, reasoning: 100)
            run.cost = 1_234_567
            run.responseID = "chatcmpl-1"
            run.responseModel = "Llama-4"
            run.finishReasons = ["stop"]
            run.firstByteAt = 1_764_000_000_350_000_000
            run.completedAt = 1_764_000_001_000_200_000
        }
    }

    static let json = #"""
        {
          "resourceSpans": [
            {
              "resource": {
                "attributes": [
                  {"key": "service.name", "value": {"stringValue": "batchin"}},
                  {"key": "service.version", "value": {"stringValue": "0.3.0"}},
                  {"key": "deployment.environment.name", "value": {"stringValue": "production"}}
                ]
              },
              "scopeSpans": [
                {
                  "scope": {"name": "batchin.gateway"},
                  "spans": [
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "eee19b7ec3c1b174",
                      "traceState": "vendor=1",
                      "parentSpanId": "eee19b7ec3c1b173",
                      "name": "chat llama",
                      "kind": 2,
                      "startTimeUnixNano": "1764000000000000000",
                      "endTimeUnixNano": "1764000001000200000",
                      "attributes": [
                        {"key": "http.request.method", "value": {"stringValue": "POST"}},
                        {"key": "url.path", "value": {"stringValue": "/v1/chat/completions"}},
                        {"key": "http.response.status_code", "value": {"intValue": "200"}},
                        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.provider.name", "value": {"stringValue": "far"}},
                        {"key": "gen_ai.request.model", "value": {"stringValue": "llama"}},
                        {"key": "gen_ai.request.stream", "value": {"boolValue": true}},
                        {"key": "gen_ai.response.model", "value": {"stringValue": "Llama-4"}},
                        {"key": "gen_ai.response.id", "value": {"stringValue": "chatcmpl-1"}},
                        {
                          "key": "gen_ai.response.finish_reasons",
                          "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}
                        },
                        {"key": "gen_ai.response.time_to_first_chunk", "value": {"doubleValue": 0.35}},
                        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1200"}},
                        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "400"}},
                        {"key": "gen_ai.usage.cache_read.input_tokens", "value": {"intValue": "1024"}},
                        {"key": "gen_ai.usage.reasoning.output_tokens", "value": {"intValue": "100"}},
                        {"key": "batchin.run_id", "value": {"stringValue": "run_0123456789abcdefghij"}},
                        {"key": "batchin.record_id", "value": {"stringValue": "vaas_6b1c"}},
                        {"key": "batchin.route_id", "value": {"stringValue": "route-1"}},
                        {"key": "batchin.prompt.version", "value": {"stringValue": "support@v2"}},
                        {"key": "batchin.outcome", "value": {"stringValue": "ok"}},
                        {"key": "batchin.cost_usd", "value": {"stringValue": "0.001234567"}}
                      ],
                      "flags": 769
                    },
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "1111111111111111",
                      "traceState": "vendor=1",
                      "parentSpanId": "eee19b7ec3c1b174",
                      "name": "chat llama",
                      "kind": 3,
                      "startTimeUnixNano": "1764000000000100000",
                      "endTimeUnixNano": "1764000000050000000",
                      "attributes": [
                        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.provider.name", "value": {"stringValue": "near"}},
                        {"key": "gen_ai.request.model", "value": {"stringValue": "llama"}},
                        {"key": "gen_ai.request.stream", "value": {"boolValue": true}},
                        {"key": "server.address", "value": {"stringValue": "near.test"}},
                        {"key": "server.port", "value": {"intValue": "443"}},
                        {"key": "http.response.status_code", "value": {"intValue": "503"}},
                        {"key": "error.type", "value": {"stringValue": "503"}},
                        {"key": "batchin.run_id", "value": {"stringValue": "run_0123456789abcdefghij"}},
                        {"key": "batchin.route_id", "value": {"stringValue": "route-1"}}
                      ],
                      "status": {"message": "the provider failed with status 503", "code": 2},
                      "flags": 257
                    },
                    {
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "spanId": "2222222222222222",
                      "traceState": "vendor=1",
                      "parentSpanId": "eee19b7ec3c1b174",
                      "name": "chat llama",
                      "kind": 3,
                      "startTimeUnixNano": "1764000000100000000",
                      "endTimeUnixNano": "1764000001000000000",
                      "attributes": [
                        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.provider.name", "value": {"stringValue": "far"}},
                        {"key": "gen_ai.request.model", "value": {"stringValue": "llama"}},
                        {"key": "gen_ai.request.stream", "value": {"boolValue": true}},
                        {"key": "gen_ai.response.model", "value": {"stringValue": "Llama-4"}},
                        {"key": "gen_ai.response.id", "value": {"stringValue": "chatcmpl-1"}},
                        {
                          "key": "gen_ai.response.finish_reasons",
                          "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}
                        },
                        {"key": "gen_ai.response.time_to_first_chunk", "value": {"doubleValue": 0.25}},
                        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1200"}},
                        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "400"}},
                        {"key": "gen_ai.usage.cache_read.input_tokens", "value": {"intValue": "1024"}},
                        {"key": "gen_ai.usage.reasoning.output_tokens", "value": {"intValue": "100"}},
                        {"key": "server.address", "value": {"stringValue": "far.test"}},
                        {"key": "server.port", "value": {"intValue": "8443"}},
                        {"key": "http.response.status_code", "value": {"intValue": "200"}},
                        {"key": "http.request.resend_count", "value": {"intValue": "1"}},
                        {"key": "batchin.run_id", "value": {"stringValue": "run_0123456789abcdefghij"}},
                        {"key": "batchin.route_id", "value": {"stringValue": "route-1"}},
                        {"key": "batchin.upstream.model", "value": {"stringValue": "Llama-4-fp8"}}
                      ],
                      "flags": 257
                    }
                  ]
                }
              ]
            }
          ]
        }
        """#
}

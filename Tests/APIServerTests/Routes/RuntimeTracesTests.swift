import Accounts
import Foundation
import Inference
import OTLP
import TestSupport
import Testing

@testable import APIServer

@Suite(.timeLimit(.minutes(5)))
struct RuntimeTracesTests {
    private static let second: UInt64 = 1_000_000_000

    // MARK: What a trace says

    @Test func `a run's trace can be read at once, with its spans`() async throws {
        try await withTraces { traces in
            try await traces.record(.stub(5, trace: 1))
            let item = try await traces.get(TraceFixture.path(1))
            #expect(item["run_id"] as? String == InferenceRun.stub(5).id)
            #expect(item["provider"] as? String == "near" && item["route_id"] as? String == "route-1")
            #expect(item["environment"] as? String == "test" && item["model_id"] as? String == "llama")
            #expect(item["prompt_version_id"] as? String == "default")
            #expect((item["record_id"] as? String)?.hasPrefix("vaas_") == true)
            #expect(item["service"] as? String == "batchin" && item["operation"] as? String == "chat llama")
            #expect(item["started_at"] as? String == "1970-01-01T00:00:01Z")
            #expect(item["duration_ms"] as? Double == 2_000)
            #expect(item["span_count"] as? Int == 2 && item["run_count"] as? Int == 1)
            #expect((item["runs"] as? [Any])?.count == 1 && (item["spans"] as? [Any])?.count == 2)
            #expect(try await traces.list() == [1])
        }
    }

    @Test func `a run whose spans are lost is listed and shown all the same`() async throws {
        try await withTraces { traces in
            try await traces.record(.stub(5, trace: 1), losingSpans: true)
            try await traces.record(
                .stub(6, trace: 2) { $0.outcome = .upstreamError }, losingSpans: true)
            #expect(try await traces.list() == [2, 1])
            let item = try await traces.get(TraceFixture.path(1))
            #expect(item["run_id"] as? String == InferenceRun.stub(5).id)
            #expect(item["service"] is NSNull && item["operation"] as? String == "chat llama")
            #expect(item["started_at"] as? String == "1970-01-01T00:00:01Z")
            #expect(item["duration_ms"] as? Double == 2_000 && item["status"] as? String == "unset")
            #expect(item["span_count"] as? Int == 0 && item["run_count"] as? Int == 1)
            #expect((item["runs"] as? [Any])?.count == 1 && (item["spans"] as? [Any])?.isEmpty == true)
            let failed = try await traces.get(TraceFixture.path(2))
            #expect(failed["status"] as? String == "error")
        }
    }

    @Test func `a trace that clients pushed has no run`() async throws {
        try await withTraces { traces in
            try await traces.push(trace: 1, start: 3 * Self.second)
            let item = try await traces.get(TraceFixture.path(1))
            for name in ["run_id", "record_id", "route_id", "provider", "environment", "prompt_version_id", "model_id"]
            {
                #expect(item[name] is NSNull, "\(name)")
            }
            #expect(item["service"] as? String == "shop" && item["span_count"] as? Int == 1)
            #expect(item["run_count"] as? Int == 0 && (item["runs"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func `of several runs the earliest names the trace, which lasts from the first to the last`() async throws {
        try await withTraces { traces in
            try await traces.push(trace: 1, start: 4 * Self.second)
            try await traces.record(.stub(2, trace: 1, model: "later", startedAt: 7 * Self.second))
            try await traces.record(.stub(1, trace: 1, startedAt: 2 * Self.second), losingSpans: true)
            let item = try await traces.get(TraceFixture.path(1))
            #expect(item["model_id"] as? String == "llama" && item["run_count"] as? Int == 2)
            #expect(item["started_at"] as? String == "1970-01-01T00:00:02Z")
            #expect(item["duration_ms"] as? Double == 7_000 && item["span_count"] as? Int == 3)
        }
    }

    // MARK: One run's trace

    @Test func `a run leads to its trace, whether that has spans or not`() async throws {
        try await withTraces { traces in
            try await traces.record(.stub(5, trace: 1))
            try await traces.record(.stub(6, trace: 2), losingSpans: true)
            try await traces.record(.stub(7, trace: 3), of: traces.stranger)
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(5).id)") == [1])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(6).id)") == [2])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(7).id)") == [])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(8).id)") == [])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(5).id)&start=1000000001") == [])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(5).id)&end=1000000000") == [])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(5).id)&kind=server") == [1])
            #expect(try await traces.list("?run_id=\(InferenceRun.stub(5).id)&kind=producer") == [])
        }
    }

    @Test(arguments: ["run_", "run_0123456789012345678", "0123456789012345678901234", "run_012345678901234567890-"])
    func `what is no run's id is refused`(id: String) async throws {
        try await withTraces { traces in
            let error = await #expect(throws: APIError.self) { try await traces.list("?run_id=\(id)") }
            #expect(error?.code == .invalidRequest && error?.parameter == "run_id")
        }
    }

    // MARK: Filters

    @Test
    func `runs with and without spans meet the filters that are about runs, and only those with spans the others`()
        async throws
    {
        try await withTraces { traces in
            for (number, isLost) in [(1, false), (2, true)] as [(UInt64, Bool)] {
                let model = "model-\(number)"
                var run = InferenceRun(
                    id: InferenceRun.stub(Int(number)).id, operation: .chat,
                    trace: InferenceRun.stub(trace: number).trace,
                    model: InferenceRun.stub(model: model).model,
                    promptVersion: try #require(PromptVersion("support@v\(number)")), isStream: false,
                    startedAt: number * Self.second)
                run.outcome = .timeout
                run.status = 504
                run.requestHash = InferenceRun.stub().requestHash
                run.responseHash = run.requestHash
                run.inputHash = run.requestHash
                try await traces.record(run, losingSpans: isLost)
            }
            try await traces.push(trace: 3, start: 3 * Self.second)
            let cases: [(String, [UInt64])] = [
                ("", [3, 2, 1]), ("?model=model-1", [1]), ("?model=model-2", [2]), ("?model=model-3", []),
                ("?prompt_version=support@v1", [1]), ("?prompt_version=support@v2", [2]),
                ("?model=model-2&prompt_version=support@v1", []), ("?service=batchin", [1]), ("?service=shop", [3]),
                ("?kind=server", [1]), ("?status=error", [1]), ("?kind=server&model=model-2", []),
                ("?attr=batchin.outcome=timeout", [1]), ("?start=2000000000", [3, 2]), ("?end=2000000000", [1]),
                ("?start=1000000001&end=3000000000", [2]), ("?start=1970-01-01T00:00:02Z&limit=1", [3]),
                ("?record_id=vaas_1", []),
            ]
            for (query, expected) in cases {
                let listed = try await traces.list(query)
                #expect(listed == expected, "\(query)")
            }
        }
    }

    // MARK: Pages

    @Test(arguments: [1, 2, 7, 100])
    func `pages of all kinds of traces follow each other, each trace once, latest first`(limit: Int) async throws {
        try await withTraces { traces in
            var generator = SeededGenerator(seed: 3)
            var starts: [UInt64: UInt64] = [:]
            for number in 1...60 as ClosedRange<UInt64> {
                // Several begin at once, or within the same millisecond.
                let start = Self.second + UInt64.random(in: 0...20, using: &generator) * 300_000
                starts[number] = start
                switch number % 4 {
                case 0: try await traces.push(trace: number, start: start)
                case 1: try await traces.record(.stub(Int(number), trace: number, startedAt: start))
                case 2: try await traces.record(.stub(Int(number), trace: number, startedAt: start), losingSpans: true)
                default:
                    for later in [0, 1, 40] as [UInt64] {
                        try await traces.record(
                            .stub(Int(number + later * 100), trace: number, startedAt: start + later * 1_000_000),
                            losingSpans: true)
                    }
                }
            }
            let expected = starts.keys.sorted { one, other in
                starts[one] == starts[other] ? one > other : (starts[one] ?? 0) > (starts[other] ?? 0)
            }
            #expect(try await traces.listAll("", limit: limit) == expected)
            let (start, end) = (Self.second + 900_000, Self.second + 4_500_000)
            let inside = expected.filter { (start..<end).contains(starts[$0] ?? 0) }
            #expect(inside.count > 20)
            #expect(try await traces.listAll("&start=\(start)&end=\(end)", limit: limit) == inside)
        }
    }

    @Test(arguments: [1, 2, 100])
    func `a run that is recorded late has its place all the same`(limit: Int) async throws {
        try await withTraces { traces in
            for number in 1...6 as ClosedRange<UInt64> {
                let run = InferenceRun.stub(Int(number), trace: number, startedAt: Self.second + number * 1_000_000) {
                    if number.isMultiple(of: 2) { $0.outcome = .rejected }
                }
                let startedAt = Int64(run.startedAt / 1_000_000)
                let isLate = run.outcome == .rejected
                try await traces.record(run, losingSpans: isLate, recordedAt: startedAt + (isLate ? 2_000 : 0))
            }
            #expect(try await traces.listAll("", limit: limit) == [6, 5, 4, 3, 2, 1])
            #expect(try await traces.listAll("&end=\(Self.second + 5_000_000)", limit: limit) == [4, 3, 2, 1])
        }
    }

    // MARK: Other users

    @Test func `nobody sees another user's traces, not even in a trace of one's own`() async throws {
        try await withTraces { traces in
            try await traces.record(.stub(1, trace: 1))
            try await traces.record(.stub(2, trace: 2), losingSpans: true)
            try await traces.push(trace: 3, start: Self.second)
            // The stranger has the same traces.
            try await traces.record(.stub(11, trace: 1, model: "theirs"), of: traces.stranger)
            try await traces.push(trace: 2, start: Self.second, of: traces.stranger)
            #expect(try await traces.list("", as: traces.stranger) == [2, 1])
            for path in [TraceFixture.path(1), TraceFixture.path(2)] {
                let (mine, theirs) = (try await traces.get(path), try await traces.get(path, as: traces.stranger))
                #expect(mine["model_id"] as? String == "llama" && mine["run_count"] as? Int == 1)
                #expect(theirs["model_id"] as? String != "llama")
            }
            #expect(try await traces.list("?model=theirs") == [])
            #expect(try await traces.list("?model=llama", as: traces.stranger) == [])
            let error = await #expect(throws: APIError.self) {
                try await traces.get(TraceFixture.path(3), as: traces.stranger)
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `a trace that nobody has is not found`() async throws {
        try await withTraces { traces in
            let error = await #expect(throws: APIError.self) { try await traces.get(TraceFixture.path(1)) }
            #expect(error?.code == .notFound && error?.parameter == "trace_id")
        }
    }
}

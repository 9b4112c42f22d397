import Accounts
import AuditLog
import HTTPTypes
import Hummingbird
import Inference
import NIOCore
import OTLP

/// Serves inference calls the way OpenAI's API does.
struct InferenceRoutes {
    let gateway: InferenceGateway
    let recorder: RunRecorder
    let idempotency: IdempotencyStore
    let bodies: BodyReader
    /// Sent as `X-BatchIn-Environment`.
    let environment: String
    /// After how long without a chunk a stream says that it is alive.
    let keepAliveInterval: TimeAmount

    var endpoints: [Endpoint] {
        [
            endpoint("/v1/chat/completions", .chat), endpoint("/v1/completions", .textCompletion),
            endpoint("/v1/embeddings", .embeddings),
        ]
    }

    private func endpoint(_ path: String, _ operation: InferenceRun.Operation) -> Endpoint {
        Endpoint(
            .post, path, access: .key(.inference), on: .eventLoop, read: { try await read($0, operation) },
            act: { try await serve($0, $1) })
    }

    /// A call that passed every check but the scope's.
    private struct Input: Sendable {
        let prepared: PreparedCall
        let promptVersion: PromptVersion?
        /// Keeps the memory granted while the call is under way.
        let memory: IngestBudget.Reservation
    }

    private func read(_ request: APIRequest, _ operation: InferenceRun.Operation) async throws -> Input {
        let body = try await bodies.read(request.request)
        guard MediaType(contentType: request.headers[.contentType]).name == "application/json" else {
            throw APIError(
                .unsupportedMediaType, "the Content-Type must be application/json", parameter: "Content-Type")
        }
        let call = try InferenceCall(operation, body: body.bytes)
        let promptVersion = try request.headers[.promptVersion].map(promptVersion(_:))
        return Input(
            prepared: try PreparedCall(call, in: gateway.catalogue), promptVersion: promptVersion,
            memory: body.reservation)
    }

    private func promptVersion(_ text: String) throws(APIError) -> PromptVersion {
        guard let version = PromptVersion(text) else {
            throw APIError(
                .invalidRequest, "X-BatchIn-Prompt-Version must read like support or support@v2",
                parameter: "X-BatchIn-Prompt-Version")
        }
        return version
    }

    private func serve(_ input: Input, _ request: APIRequest) async throws -> Response {
        let principal = try request.authenticated()
        guard let key = request.headers[.idempotencyKey] else {
            return try await serve(input, request, recording: try recorder.begin(for: principal))
        }
        let verdict = try await idempotency.begin(
            key: key, path: request.request.uri.path, bodyHash: input.prepared.call.bodyHash, for: principal.userID)
        if let answer = try verdict.answer() { return answer }
        guard case .proceed(let ticket) = verdict else { preconditionFailure("all other verdicts have an answer") }
        let call = IdempotentCall(store: idempotency, ticket: ticket, environment: environment)
        return try await serve(input, request, recording: try recorder.begin(for: principal, idempotent: call))
    }

    private func serve(_ input: Input, _ request: APIRequest, recording: RunRecording) async throws -> Response {
        let watch = DepartureWatch()
        StreamPort.occupy(request.channel, watch)
        let caller = InferenceCaller(
            account: recording, trace: RunTrace(request.trace),
            promptVersion: input.promptVersion,
            headers: request.headers.map { HeaderField($0.name.rawName, $0.value) },
            eventLoop: request.channel.eventLoop, departure: watch.departure)
        do throws(RunFailure) {
            switch try await gateway.serve(input.prepared, for: caller) {
            case .buffered(let answer):
                var headers = headers(of: answer.run, contentType: "application/json")
                if let receipt = recording.receipt { headers.setReceipt(receipt) }
                return Response(
                    status: .ok, headers: headers,
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
            case .stream(let stream):
                var headers = headers(of: stream.run, contentType: "text/event-stream; charset=utf-8")
                headers[.vaasRecordID] = recording.recordID
                headers[.vaasPublicKey] = recording.signingKeyText
                return Response(
                    status: .ok, headers: headers, body: body(of: stream, recording, for: request))
            }
        } catch {
            // Nobody is left to answer.
            if (error.reason as? InferenceError)?.code == .cancelled {
                request.channel.close(promise: nil)
                throw CancellationError()
            }
            var answer = APIError(error.reason)
            answer.headers = RunHeaders(error.run, environment: environment).fields
            if let receipt = recording.receipt { answer.headers.setReceipt(receipt) }
            throw answer
        }
    }

    private func body(of stream: StreamingRun, _ recording: RunRecording, for request: APIRequest) -> ResponseBody {
        let (channel, requestID) = (request.channel, request.requestID)
        return ResponseBody { [keepAliveInterval, gateway] writer in
            var outcome = await StreamRelay.run(
                stream.start, to: channel, keepAlive: keepAliveInterval, now: gateway.now)
            var end = outcome.errorEvent(requestID: requestID)
            let (run, failure) = await stream.finish(outcome.ending)
            guard outcome.ending.error?.code != .cancelled else {
                channel.close(promise: nil)
                throw CancellationError()
            }
            end += outcome.end(of: run, failure, recording.receipt, requestID: requestID)
            try await writer.write(ByteBuffer(bytes: end))
            try await writer.finish(nil)
        }
    }

    private func headers(of run: InferenceRun, contentType: String) -> HTTPFields {
        var headers = RunHeaders(run, environment: environment).fields
        headers[.contentType] = contentType
        if run.isStream { headers[.cacheControl] = "no-cache" }
        return headers
    }
}

extension StreamRelay.Outcome {
    /// The event that tells what ended the stream, if something did and there is somebody to tell. The receipt comes
    /// behind it, so the run is recorded with it.
    fileprivate mutating func errorEvent(requestID: String) -> [UInt8] {
        guard let error = ending.error, error.code != .cancelled else { return [] }
        let event = editor.fail(with: ErrorResponse(APIError(error), requestID: requestID).contractObject)
        ending.delivered.append(event)
        return event
    }

    /// What is left to be sent once the run is recorded.
    ///
    /// - Parameters:
    ///   - failure: What ended the stream, or kept the run from being recorded.
    ///   - receipt: Nil if the run could not be recorded.
    fileprivate mutating func end(
        of run: InferenceRun, _ failure: (any Error)?, _ receipt: Receipt?, requestID: String
    ) -> [UInt8] {
        let receipt = receipt.map { RunReceipt($0, bodyByteCount: ending.delivered.count) }
        if ending.error != nil { return receipt.map { StreamEditor.comment($0.comment) } ?? [] }
        if let failure {
            return editor.fail(with: ErrorResponse(APIError(failure), requestID: requestID).contractObject)
        }
        return editor.finish(
            usage: run.usage ?? TokenUsage(inputTokens: 0, outputTokens: 0), batchin: receipt?.json,
            comment: receipt?.comment)
    }
}

extension RunTrace {
    init(_ trace: TraceContext) {
        // A trace context's ids are hexadecimal digits of the right number.
        self.init(
            traceID: TraceID(hex: trace.traceID) ?? TraceID(high: 0, low: 0),
            spanID: SpanID(hex: trace.spanID) ?? SpanID(rawValue: 0),
            parentSpanID: trace.parentSpanID.flatMap { SpanID(hex: $0) }, traceState: trace.tracestate,
            isSampled: trace.flags == "01")
    }
}

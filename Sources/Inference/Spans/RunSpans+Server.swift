import OTLP

extension RunSpans {
    static func writeServerSpan(
        of run: InferenceRun, name: String, recordID: String?, to writer: inout WireWriter
    ) {
        let head = SpanHead(
            traceID: run.trace.traceID, spanID: run.trace.spanID, traceState: run.trace.traceState,
            parentSpanID: run.trace.parentSpanID, name: name, kind: .server, startTimeUnixNano: run.startedAt,
            endTimeUnixNano: run.completedAt)
        let hasFailed = hasFailed(run)
        writer.span(
            head, flags: flags(of: run.trace, isParentRemote: run.trace.parentSpanID != nil),
            errorStatus: hasFailed ? SpanErrorStatus(message: run.attempts.last?.errorMessage ?? "") : nil
        ) { writer in
            writer.spanAttribute("http.request.method", "POST")
            writer.spanAttribute("url.path", path(of: run.operation))
            writer.spanAttribute("http.response.status_code", Int64(run.status))
            writer.writeOperation(of: run, provider: run.provider)
            writer.writeAnswer(of: run, askedAt: run.startedAt)
            if hasFailed { writer.spanAttribute("error.type", errorType(of: run)) }
            writer.writeBilling(of: run, recordID: recordID)
        }
    }

    /// Whether the run counts as failed for those who watch the gateway.
    ///
    /// An answer in the 400s tells of the caller's mistake, and a caller who goes away has made none: both leave the
    /// status unset, the one because the conventions for HTTP servers ask for it, the other as those for RPC servers
    /// have it with a cancelled call. The outcome is there to tell them from the rest. A stream that broke counts,
    /// although its status is 200.
    private static func hasFailed(_ run: InferenceRun) -> Bool {
        switch run.status {
        case 400..<500: false
        case 500...: run.outcome != .interrupted
        default: run.outcome == .upstreamError || run.outcome == .timeout
        }
    }

    private static func errorType(of run: InferenceRun) -> String {
        if let errorCode = run.errorCode { return errorCode }
        return run.outcome == .ok ? String(run.status) : run.outcome.rawValue
    }

    private static func path(of operation: InferenceRun.Operation) -> String {
        switch operation {
        case .chat: "/v1/chat/completions"
        case .textCompletion: "/v1/completions"
        case .embeddings: "/v1/embeddings"
        }
    }

    static func flags(of trace: RunTrace, isParentRemote: Bool) -> SpanFlags {
        var flags: SpanFlags = .knowsIsRemote
        if trace.isSampled { flags.insert(.isSampled) }
        if isParentRemote { flags.insert(.isRemote) }
        return flags
    }
}

extension WireWriter {
    /// What was recorded and billed, which only the SERVER span tells.
    fileprivate mutating func writeBilling(of run: InferenceRun, recordID: String?) {
        spanAttribute("batchin.run_id", run.id)
        if let recordID { spanAttribute("batchin.record_id", recordID) }
        spanAttribute("batchin.route_id", run.model.route.id)
        spanAttribute("batchin.prompt.version", run.promptVersion.description)
        spanAttribute("batchin.outcome", run.outcome.rawValue)
        if run.cost != 0 { spanAttribute("batchin.cost_usd", RunSpans.dollars(nanoDollars: run.cost)) }
        if run.usage?.isEstimated == true { spanAttribute("batchin.usage.estimated", true) }
    }
}

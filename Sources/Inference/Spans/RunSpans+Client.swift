import OTLP

extension RunSpans {
    /// Nothing is tried again once an answer has begun, so that the last attempt is the one that answered, if any did.
    static func writeClientSpan(
        ofAttempt index: Int, of run: InferenceRun, name: String, to writer: inout WireWriter
    ) {
        let attempt = run.attempts[index]
        let isLast = index == run.attempts.count - 1
        let head = SpanHead(
            traceID: run.trace.traceID, spanID: attempt.spanID, traceState: run.trace.traceState,
            parentSpanID: run.trace.spanID, name: name, kind: .client, startTimeUnixNano: attempt.startedAt,
            endTimeUnixNano: attempt.endedAt)
        let errorType = errorType(of: attempt, isBrokenOff: isLast && run.outcome == .interrupted)
        writer.span(
            head, flags: flags(of: run.trace, isParentRemote: false),
            errorStatus: errorType == nil ? nil : SpanErrorStatus(message: attempt.errorMessage ?? "")
        ) { writer in
            writer.writeOperation(of: run, provider: attempt.provider)
            if isLast { writer.writeAnswer(of: run, askedAt: attempt.startedAt) }
            if let server = attempt.server {
                writer.spanAttribute("server.address", server.host)
                writer.spanAttribute("server.port", Int64(server.port))
            }
            if let status = attempt.status { writer.spanAttribute("http.response.status_code", Int64(status)) }
            if index > 0 { writer.spanAttribute("http.request.resend_count", Int64(index)) }
            if let errorType { writer.spanAttribute("error.type", errorType) }
            writer.spanAttribute("batchin.run_id", run.id)
            writer.spanAttribute("batchin.route_id", run.model.route.id)
            if attempt.model != run.model.id { writer.spanAttribute("batchin.upstream.model", attempt.model) }
        }
    }

    /// Nil if the attempt did not fail.
    ///
    /// For a client, an answer in the 400s or 500s is a failure, whoever is to blame. An attempt that was broken off
    /// because the caller went away is none.
    private static func errorType(of attempt: AttemptRecord, isBrokenOff: Bool) -> String? {
        if !isBrokenOff, let errorType = attempt.errorType { return errorType }
        if let status = attempt.status, status >= 400 { return String(status) }
        // The conventions' word for what has no other.
        return isBrokenOff || attempt.errorMessage == nil ? nil : "_OTHER"
    }
}

import Accounts
import Database
import Inference
import OTLP
import TraceStore

extension JSONWriter {
    /// The members of a runtime trace; those that only a gateway run has are null without one.
    mutating func runtimeTrace(_ trace: RuntimeTrace) {
        let run = trace.firstRun
        key("trace_id")
        string(trace.traceID.hex)
        key("run_id")
        stringOrNull(run?.usage.runID)
        key("record_id")
        stringOrNull(run?.recordID)
        key("route_id")
        stringOrNull(run?.details?.routeID)
        key("provider")
        stringOrNull(run?.details?.provider)
        key("environment")
        stringOrNull(run?.details?.environment)
        key("prompt_version_id")
        stringOrNull(run?.details?.promptVersion)
        key("model_id")
        stringOrNull(run?.usage.model)
        key("started_at")
        string(RFC3339.text(unixNano: trace.startTimeUnixNano))
        key("duration_ms")
        double(Double(trace.durationNano) / 1e6)
        key("status")
        string(trace.status.rawValue)
        key("service")
        stringOrNull(trace.spans.flatMap { $0.service.isEmpty ? nil : $0.service })
        key("operation")
        stringOrNull(trace.spans?.operation ?? run.map { "\($0.details?.operation ?? "") \($0.usage.model)" })
        key("span_count")
        integer(trace.spans?.spanCount ?? 0)
        key("run_count")
        integer(trace.runs?.count ?? 0)
        key("conflict")
        bool(trace.spans?.hasConflict ?? false)
    }

    /// A gateway run.
    mutating func run(_ run: RunRecord) {
        beginObject()
        key("run_id")
        string(run.usage.runID)
        key("record_id")
        stringOrNull(run.recordID)
        key("model_id")
        string(run.usage.model)
        key("outcome")
        string(run.usage.outcome.rawValue)
        key("input_tokens")
        integer(run.usage.inputTokens)
        key("output_tokens")
        integer(run.usage.outputTokens)
        key("cost_cents")
        integer(run.usage.costCents)
        key("cost_usd")
        string(run.usage.cost.decimalText)
        key("key_id")
        stringOrNull(run.usage.keyID?.description)
        let hasUsage = run.usage.inputTokens + run.usage.outputTokens > 0
        if let details = run.details { members(of: details, hasUsage: hasUsage) }
        endObject()
    }

    private mutating func members(of run: RunDetails, hasUsage: Bool) {
        key("route_id")
        stringOrNull(run.routeID)
        key("provider")
        stringOrNull(run.provider)
        key("environment")
        string(run.environment)
        key("prompt_version_id")
        string(run.promptVersion)
        key("response_model")
        stringOrNull(run.responseModel)
        key("operation")
        string(run.operation)
        key("stream")
        bool(run.isStream)
        key("span_id")
        string(run.spanID)
        key("attempts")
        integer(run.attemptCount)
        key("http_status")
        integer(run.status)
        key("error_code")
        stringOrNull(run.errorCode)
        key("finish_reasons")
        beginArray()
        for reason in run.finishReasons?.split(separator: ",") ?? [] { string(String(reason)) }
        endArray()
        key("cached_input_tokens")
        integer(run.cachedInputTokens)
        key("reasoning_tokens")
        integer(run.reasoningTokens)
        key("usage_source")
        stringOrNull(hasUsage ? (run.usageIsEstimated ? "estimated" : "provider") : nil)
        key("started_at")
        string(RFC3339.text(unixNano: UInt64(clamping: run.startedAt)))
        key("completed_at")
        string(RFC3339.text(unixNano: UInt64(clamping: run.completedAt)))
        key("duration_ms")
        double(Double(run.completedAt - run.startedAt) / 1e6)
        key("time_to_first_byte_ms")
        if let first = run.firstByteAt { double(Double(first - run.startedAt) / 1e6) } else { null() }
        key("request_sha256")
        string(Hexadecimal.string(run.requestHash))
        key("response_sha256")
        string(Hexadecimal.string(run.responseHash))
    }

    /// A span in OTLP/JSON with its resource, its scope and who made it.
    mutating func detailedSpan(_ span: StoredSpan, pricedBy catalogue: Catalogue) throws(APIError) {
        do throws(OTLPError) {
            beginObject()
            try unsafe OTLPJSON.writeSpanMembers(span.message.span.bytes, to: &self)
            try unsafe OTLPJSON.writeResourceSpansMembers(
                span.envelope.resource.span.bytes, schemaURLKey: "resourceSchemaUrl", to: &self)
            try unsafe OTLPJSON.writeScopeSpansMembers(
                span.envelope.scope.span.bytes, schemaURLKey: "scopeSchemaUrl", to: &self)
        } catch {
            throw APIError(.internalError, "stored data is damaged")
        }
        key("origin")
        string(span.origin == .gateway ? "gateway" : "ingested")
        if let view = unsafe GenAISpanView(span: span.message.span.bytes) {
            key("gen_ai")
            genAISpan(view)
            key("cost_usd")
            stringOrNull(catalogue.cost(of: view)?.decimalText)
        }
        if span.endsBeforeStart {
            key("warnings")
            beginArray()
            string("the span ends before it starts")
            endArray()
        }
        endObject()
    }
}

extension Catalogue {
    /// What a call that some span tells of would have cost here; nil for a model that is not in the catalogue, and where
    /// no tokens are told.
    fileprivate func cost(of view: GenAISpanView) -> NanoDollars? {
        guard view.inputTokens != nil || view.outputTokens != nil,
            let name = view.requestModel ?? view.responseModel,
            // Models of others, and counts that no run can have, have no price here.
            let model = try? model(name),
            let cost = try? model.pricing.cost(
                inputTokens: view.inputTokens ?? 0, cachedInputTokens: view.cachedInputTokens ?? 0,
                outputTokens: view.outputTokens ?? 0)
        else { return nil }
        return NanoDollars(cost)
    }
}

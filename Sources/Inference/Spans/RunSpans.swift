import OTLP

/// The spans of runs, as the gateway itself tells them: one SERVER span for the call, and under it one CLIENT span for
/// each attempt at a provider.
///
/// Names and meanings follow OpenTelemetry's conventions for generative AI and for HTTP; `batchin.` stands before what
/// those have no name for. The version of the former is what its repository held in September 2026, after the tokens
/// read from a cache and spent on reasoning had got their names.
/// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
/// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
///
/// A value that is absent, empty, zero or false is left out. What the model used is told twice, by the SERVER span and by
/// the CLIENT span of the attempt that answered: whoever adds tokens up, adds up spans of one kind.
package enum RunSpans {
    package static let serviceName = "batchin"
    package static let scopeName = "batchin.gateway"

    /// One run as an OTLP `ExportTraceServiceRequest`.
    /// - Parameters:
    ///   - environment: `deployment.environment.name`
    ///   - version: `service.version`
    ///   - recordID: The id of the run's audit record, if it has one.
    package static func request(
        for run: InferenceRun, environment: String, version: String, recordID: String? = nil
    ) -> [UInt8] {
        request(spanCount: 1 + run.attempts.count, environment: environment, version: version) { writer in
            write(run, recordID: recordID, to: &writer)
        }
    }

    /// Many runs as one request: what they share is written once.
    /// - Parameter recordID: The id of a run's audit record, if it has one.
    package static func request(
        for runs: [InferenceRun], environment: String, version: String,
        recordID: (InferenceRun) -> String? = { _ in nil }
    ) -> [UInt8] {
        let spanCount = runs.reduce(0) { count, run in count + 1 + run.attempts.count }
        return request(spanCount: spanCount, environment: environment, version: version) { writer in
            for run in runs {
                write(run, recordID: recordID(run), to: &writer)
            }
        }
    }

    private static func request(
        spanCount: Int, environment: String, version: String, spans: (inout WireWriter) -> Void
    ) -> [UInt8] {
        // A span with all its attributes takes about a kilobyte.
        var writer = WireWriter(reservingCapacity: 256 + spanCount * 1280)
        writer.resourceSpans(
            resource: { resource in
                resource.resourceAttribute("service.name", serviceName)
                resource.resourceAttribute("service.version", version)
                resource.resourceAttribute("deployment.environment.name", environment)
            }, scope: scopeName, spans: spans)
        return writer.bytes
    }

    private static func write(_ run: InferenceRun, recordID: String?, to writer: inout WireWriter) {
        let name = "\(run.operation.rawValue) \(run.model.id)"
        writeServerSpan(of: run, name: name, recordID: recordID, to: &writer)
        for index in run.attempts.indices {
            writeClientSpan(ofAttempt: index, of: run, name: name, to: &writer)
        }
    }
}

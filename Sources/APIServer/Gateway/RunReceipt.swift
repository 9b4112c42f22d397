import Accounts
import Inference
import OTLP

/// What the end of a stream says of its run.
struct RunReceipt {
    let json: [UInt8]

    init(_ run: InferenceRun) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("run_id")
        writer.string(run.id)
        writer.key("trace_id")
        writer.string(run.trace.traceID.hex)
        writer.key("cost_usd")
        writer.string(NanoDollars(run.cost).decimalText)
        writer.key("usage_source")
        writer.string(run.usage?.isEstimated == true ? "estimated" : "provider")
        writer.endObject()
        json = writer.bytes
    }

    /// One line of a comment, for readers who look for it.
    var comment: [UInt8] { Array("vaas ".utf8) + json }
}

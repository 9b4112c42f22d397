/// The answer to an accepted export request.
/// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
package struct ExportTraceServiceResponse: Equatable, Sendable {
    /// How many spans of the request were not taken.
    package var rejectedSpans: Int
    /// Why they were not, in English; with no rejected spans, a warning.
    package var errorMessage: String

    /// Full success, unless told otherwise.
    package init(rejectedSpans: Int = 0, errorMessage: String = "") {
        self.rejectedSpans = rejectedSpans
        self.errorMessage = errorMessage
    }

    package init(_ rejections: SpanRejections) {
        self.init(rejectedSpans: rejections.count, errorMessage: rejections.message)
    }

    /// "On success the server MUST leave `partial_success` unset."
    private var hasPartialSuccess: Bool { rejectedSpans != 0 || !errorMessage.isEmpty }

    /// The protobuf message, empty on full success.
    package var protobuf: [UInt8] {
        var writer = WireWriter()
        if hasPartialSuccess {
            writer.message(1) { partialSuccess in
                if rejectedSpans != 0 { partialSuccess.varint(1, UInt64(bitPattern: Int64(rejectedSpans))) }
                if !errorMessage.isEmpty { partialSuccess.string(2, errorMessage) }
            }
        }
        return writer.bytes
    }

    /// The JSON object, `{}` on full success.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if hasPartialSuccess {
            writer.key("partialSuccess")
            writer.beginObject()
            if rejectedSpans != 0 {
                writer.key("rejectedSpans")
                writer.integerString(rejectedSpans)
            }
            if !errorMessage.isEmpty {
                writer.key("errorMessage")
                writer.string(errorMessage)
            }
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}

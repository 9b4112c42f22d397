/// How many spans of a request were left out because of their ids, by reason.
package struct SpanRejections: Equatable, Sendable {
    /// The first thing found wrong with a span, checked in this order. The raw value suits a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        case traceIDLength = "trace_id_length"
        case traceIDZero = "trace_id_zero"
        case spanIDLength = "span_id_length"
        case spanIDZero = "span_id_zero"
        case parentSpanIDLength = "parent_span_id_length"
        case linkTraceIDLength = "link_trace_id_length"
        case linkSpanIDLength = "link_span_id_length"

        /// What is wrong, as the end of the sentence "a span with …".
        package var description: String {
            switch self {
            case .traceIDLength: "a trace_id that is not 16 bytes long"
            case .traceIDZero: "an all-zero trace_id"
            case .spanIDLength: "a span_id that is not 8 bytes long"
            case .spanIDZero: "an all-zero span_id"
            case .parentSpanIDLength: "a parent_span_id that is neither empty nor 8 bytes long"
            case .linkTraceIDLength: "a link whose trace_id is neither empty nor 16 bytes long"
            case .linkSpanIDLength: "a link whose span_id is neither empty nor 8 bytes long"
            }
        }
    }

    private var counts: [Reason: Int] = [:]
    /// All rejected spans together.
    package private(set) var count = 0

    package init() {}

    package subscript(reason: Reason) -> Int { counts[reason, default: 0] }

    package mutating func add(_ reason: Reason) {
        counts[reason, default: 0] += 1
        count += 1
    }

    /// An English sentence for `error_message` of a partial success, under 1 KiB; empty when nothing was rejected.
    package var message: String {
        guard count > 0 else { return "" }
        let parts = Reason.allCases.compactMap { reason in
            self[reason] == 0 ? nil : "\(self[reason]) with \(reason.description)"
        }
        return "\(count) \(count == 1 ? "span was" : "spans were") rejected: \(parts.joined(separator: ", "))."
    }
}

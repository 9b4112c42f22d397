/// What the walker found in one `ExportTraceServiceRequest` or `TracesData`, as offsets into the walked bytes.
///
/// Nothing is copied: every range means something only together with the bytes it came from. Fields are stored in
/// 32 bits, because a request can hold millions of spans.
package struct TraceRequestOutline: Sendable {
    /// The accepted spans, in the order of the request.
    package internal(set) var spans: [Span] = []
    /// The (resource, scope) pairs that hold at least one accepted span, in the order of the request.
    package internal(set) var groups: [Group] = []
    /// Runs of adjacent fields; `groups` and `requestEnvelope` hold indices into this array.
    package internal(set) var envelopeRanges: [Range<UInt32>] = []
    /// Indices of the unknown fields of the request itself.
    package internal(set) var requestEnvelope: Range<Int> = 0..<0
    /// The spans that were left out because of their ids.
    package internal(set) var rejections = SpanRejections()

    /// One accepted span. Where a field occurs several times the last one counts, as protobuf has it.
    package struct Span: Sendable {
        private var byteRange: Range<UInt32>
        private var nameRange: Range<UInt32>
        private var groupIndex: UInt32
        package var traceID: TraceID
        package var spanID: SpanID
        /// Zero when there is none.
        package var parentSpanID: SpanID
        package var startTimeUnixNano: UInt64
        package var endTimeUnixNano: UInt64
        /// The enum's number, kept even when OTLP gives it no meaning.
        package var kind: Int32
        /// The enum's number, kept even when OTLP gives it no meaning.
        package var statusCode: Int32

        /// The content of the `Span` message, without its tag and length.
        package var bytes: Range<Int> { Range(compact: byteRange) }
        /// The span's name in UTF-8, an empty range when absent.
        package var name: Range<Int> { Range(compact: nameRange) }
        /// The index of the span's group in `groups`.
        package var group: Int { Int(groupIndex) }

        init(bytes: Range<Int>, group: Int, traceID: TraceID, spanID: SpanID, parentSpanID: SpanID, facts: SpanFacts) {
            byteRange = Range(compacting: bytes)
            nameRange = Range(compacting: facts.name)
            groupIndex = UInt32(group)
            self.traceID = traceID
            self.spanID = spanID
            self.parentSpanID = parentSpanID
            startTimeUnixNano = facts.startTimeUnixNano
            endTimeUnixNano = facts.endTimeUnixNano
            kind = facts.kind
            statusCode = facts.statusCode
        }
    }

    /// What a run of spans shares.
    package struct Group: Sendable {
        private var resourceIndices: Range<UInt32>
        private var scopeIndices: Range<UInt32>
        private var serviceNameRange: Range<UInt32>

        /// Indices into `envelopeRanges`: all fields of the `ResourceSpans` except `scope_spans`.
        package internal(set) var resourceEnvelope: Range<Int> {
            get { Range(compact: resourceIndices) }
            set { resourceIndices = Range(compacting: newValue) }
        }
        /// Indices into `envelopeRanges`: all fields of the `ScopeSpans` except `spans`.
        package var scopeEnvelope: Range<Int> { Range(compact: scopeIndices) }
        /// The value of the resource attribute `service.name` in UTF-8, empty unless it is a string.
        package internal(set) var serviceName: Range<Int> {
            get { Range(compact: serviceNameRange) }
            set { serviceNameRange = Range(compacting: newValue) }
        }

        init(scopeEnvelope: Range<Int>) {
            resourceIndices = 0..<0
            scopeIndices = Range(compacting: scopeEnvelope)
            serviceNameRange = 0..<0
        }
    }

    /// The bytes of an envelope put together: a message of its own, for `OTLPJSON` and for storing.
    package func envelope(_ indices: Range<Int>, of bytes: RawSpan) -> [UInt8] {
        var result: [UInt8] = []
        for range in envelopeRanges[indices] {
            result.append(copying: bytes.extracting(Range(compact: range)))
        }
        return result
    }
}

extension Range<Int> {
    init(compact range: Range<UInt32>) {
        self = Int(range.lowerBound)..<Int(range.upperBound)
    }
}

extension Range<UInt32> {
    /// The walker refuses messages beyond 2 GiB, so every offset and every count of fields fits.
    init(compacting range: Range<Int>) {
        self = UInt32(range.lowerBound)..<UInt32(range.upperBound)
    }
}

// The field numbers of OTLP 1.10 traces (opentelemetry-proto 1.10, which the Python package 1.45 carries).
// https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
//
// One enum per message. A number that an enum does not know is an unknown field: it is stepped over and kept.

/// `ExportTraceServiceRequest`, and `TracesData`, which has the same layout.
package enum TracesDataField: UInt32 {
    case resourceSpans = 1
}

package enum ResourceSpansField: UInt32 {
    case resource = 1
    case scopeSpans = 2
    case schemaURL = 3
}

enum ResourceField: UInt32 {
    case attributes = 1
    case droppedAttributesCount = 2
    case entityRefs = 3
}

enum EntityRefField: UInt32 {
    case schemaURL = 1
    case type = 2
    case idKeys = 3
    case descriptionKeys = 4
}

package enum ScopeSpansField: UInt32 {
    case scope = 1
    case spans = 2
    case schemaURL = 3
}

enum ScopeField: UInt32 {
    case name = 1
    case version = 2
    case attributes = 3
    case droppedAttributesCount = 4
}

enum SpanField: UInt32 {
    case traceID = 1
    case spanID = 2
    case traceState = 3
    case parentSpanID = 4
    case name = 5
    case kind = 6
    case startTimeUnixNano = 7
    case endTimeUnixNano = 8
    case attributes = 9
    case droppedAttributesCount = 10
    case events = 11
    case droppedEventsCount = 12
    case links = 13
    case droppedLinksCount = 14
    case status = 15
    case flags = 16
}

enum EventField: UInt32 {
    case timeUnixNano = 1
    case name = 2
    case attributes = 3
    case droppedAttributesCount = 4
}

enum LinkField: UInt32 {
    case traceID = 1
    case spanID = 2
    case traceState = 3
    case attributes = 4
    case droppedAttributesCount = 5
    case flags = 6
}

enum StatusField: UInt32 {
    case message = 2
    case code = 3
}

enum KeyValueField: UInt32 {
    case key = 1
    case value = 2
    case keyStringIndex = 3
}

/// All of them are cases of one `oneof`.
enum AnyValueField: UInt32 {
    case string = 1
    case bool = 2
    case int = 3
    case double = 4
    case array = 5
    case keyValueList = 6
    case bytes = 7
    case stringIndex = 8
}

/// `ArrayValue` and `KeyValueList`.
enum ListField: UInt32 {
    case values = 1
}

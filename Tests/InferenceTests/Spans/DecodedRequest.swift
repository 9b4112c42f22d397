import Foundation
import Inference
import OTLP

/// An OTLP request read back through the walker and OTLP/JSON, as one who receives it would.
struct DecodedRequest {
    let resource: [String: AttributeValue]
    let scope: String
    let spans: [DecodedSpan]

    init(_ request: [UInt8]) throws {
        let outline = try TraceRequestWalker.walk(request)
        guard outline.rejections.count == 0, outline.groups.count == 1, let group = outline.groups.first else {
            throw DecodingFailure()
        }
        let resource = try Self.object(JSONResource.self, group.resourceEnvelope, of: request, outline) {
            (envelope, writer) throws(OTLPError) in try OTLPJSON.writeResourceSpansMembers(envelope, to: &writer)
        }
        let scope = try Self.object(JSONScope.self, group.scopeEnvelope, of: request, outline) {
            (envelope, writer) throws(OTLPError) in try OTLPJSON.writeScopeSpansMembers(envelope, to: &writer)
        }
        self.resource = try JSONAttribute.dictionary(resource.resource.attributes)
        self.scope = scope.scope.name
        spans = try outline.spans.map { span in
            let json = try Self.json(Array(request[span.bytes])) { (span, writer) throws(OTLPError) in
                try OTLPJSON.writeSpanMembers(span, to: &writer)
            }
            return try DecodedSpan(JSONDecoder().decode(JSONSpan.self, from: json))
        }
    }

    private static func object<Object: Decodable>(
        _ type: Object.Type, _ envelope: Range<Int>, of request: [UInt8], _ outline: TraceRequestOutline,
        write: (RawSpan, inout JSONWriter) throws(OTLPError) -> Void
    ) throws -> Object {
        let bytes = outline.envelopeRanges[envelope].flatMap { request[Int($0.lowerBound)..<Int($0.upperBound)] }
        return try JSONDecoder().decode(type, from: json(bytes, write: write))
    }

    private static func json(
        _ bytes: [UInt8], write: (RawSpan, inout JSONWriter) throws(OTLPError) -> Void
    ) throws -> Data {
        var writer = JSONWriter()
        writer.beginObject()
        try bytes.withBytes { (bytes) throws(OTLPError) in try write(bytes, &writer) }
        writer.endObject()
        return Data(writer.bytes)
    }
}

struct DecodingFailure: Error {}

struct DecodedSpan {
    let traceID: String
    let spanID: String
    let parentSpanID: String?
    let traceState: String?
    let flags: Int
    let name: String
    let kind: Int
    let start: String
    let end: String
    /// Nil where the status is unset.
    let statusCode: Int?
    let statusMessage: String?
    let attributes: [String: AttributeValue]

    fileprivate init(_ span: JSONSpan) throws {
        traceID = span.traceId
        spanID = span.spanId
        parentSpanID = span.parentSpanId
        traceState = span.traceState
        flags = span.flags ?? 0
        name = span.name
        kind = span.kind
        start = span.startTimeUnixNano
        end = span.endTimeUnixNano
        statusCode = span.status?.code
        statusMessage = span.status?.message
        attributes = try JSONAttribute.dictionary(span.attributes)
    }
}

/// An attribute's value with its type.
enum AttributeValue: Equatable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case strings([String])
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .int(value) }
    init(floatLiteral value: Double) { self = .double(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: String...) { self = .strings(elements) }
}

private struct JSONResource: Decodable {
    struct Content: Decodable { let attributes: [JSONAttribute] }
    let resource: Content
}

private struct JSONScope: Decodable {
    struct Content: Decodable { let name: String }
    let scope: Content
}

private struct JSONSpan: Decodable {
    struct Status: Decodable {
        let code: Int
        let message: String?
    }
    let traceId: String
    let spanId: String
    let parentSpanId: String?
    let traceState: String?
    let flags: Int?
    let name: String
    let kind: Int
    let startTimeUnixNano: String
    let endTimeUnixNano: String
    let status: Status?
    let attributes: [JSONAttribute]
}

private struct JSONAttribute: Decodable {
    struct Value: Decodable {
        struct List: Decodable { let values: [Value] }
        let stringValue: String?
        let intValue: String?
        let doubleValue: Double?
        let boolValue: Bool?
        let arrayValue: List?
    }
    let key: String
    let value: Value

    /// Every key once.
    static func dictionary(_ attributes: [JSONAttribute]) throws -> [String: AttributeValue] {
        let pairs = try attributes.map { ($0.key, try $0.value.decoded) }
        return try Dictionary(pairs) { _, _ in throw DecodingFailure() }
    }
}

extension JSONAttribute.Value {
    fileprivate var decoded: AttributeValue {
        get throws {
            if let stringValue { return .string(stringValue) }
            if let intValue, let int = Int64(intValue) { return .int(int) }
            if let doubleValue { return .double(doubleValue) }
            if let boolValue { return .bool(boolValue) }
            guard let arrayValue else { throw DecodingFailure() }
            return .strings(
                try arrayValue.values.map { value in
                    guard let text = value.stringValue else { throw DecodingFailure() }
                    return text
                })
        }
    }
}

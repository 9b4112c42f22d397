import Foundation
import OTLP
import TraceStore

/// A place in a list as an opaque token: the fields that place it, in base64url.
enum Cursor {
    static func text(_ position: TracePosition) -> String {
        encode([position.startTimeUnixNano, position.traceID.high, position.traceID.low])
    }

    static func text(_ position: SpanPosition) -> String {
        encode([
            position.traceID.high, position.traceID.low, position.startTimeUnixNano, position.spanID.rawValue,
            UInt64(position.copy),
        ])
    }

    static func tracePosition(_ text: String) throws(APIError) -> TracePosition {
        let fields = try decode(text, count: 3)
        return TracePosition(startTimeUnixNano: fields[0], traceID: TraceID(high: fields[1], low: fields[2]))
    }

    static func spanPosition(_ text: String) throws(APIError) -> SpanPosition {
        let fields = try decode(text, count: 5)
        return SpanPosition(
            traceID: TraceID(high: fields[0], low: fields[1]), startTimeUnixNano: fields[2],
            spanID: SpanID(rawValue: fields[3]), copy: UInt32(truncatingIfNeeded: fields[4]))
    }

    private static func encode(_ fields: [UInt64]) -> String {
        let bytes = fields.flatMap { field in (0..<8).map { UInt8(truncatingIfNeeded: field >> (56 - 8 * UInt64($0))) }
        }
        return Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func decode(_ text: String, count: Int) throws(APIError) -> [UInt64] {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let standard = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: standard), data.count == 8 * count else {
            throw APIError.unknownCursor
        }
        return (0..<count).map { index in data.dropFirst(8 * index).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
    }
}

extension APIError {
    static var unknownCursor: APIError {
        APIError(
            .invalidRequest, "cursor is not one that this server gave out", parameter: "cursor",
            hint: "Leave cursor out to start from the beginning.")
    }
}

/// `google.rpc.Status`, the body of every error answer to an OTLP request.
/// https://opentelemetry.io/docs/specs/otlp/#failures-1
package struct RPCStatus: Equatable, Sendable {
    /// `google.rpc.Code`. https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
    package enum Code: Int32, Sendable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    /// One field of a bad request and what is wrong with it.
    package struct FieldViolation: Equatable, Sendable {
        package var field: String
        package var description: String

        package init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    package var code: Code
    package var message: String
    /// Sent as one `google.rpc.BadRequest` detail when there are any.
    package var fieldViolations: [FieldViolation]

    package init(code: Code, message: String, fieldViolations: [FieldViolation] = []) {
        self.code = code
        self.message = message
        self.fieldViolations = fieldViolations
    }

    private static let badRequestType = "type.googleapis.com/google.rpc.BadRequest"

    package var protobuf: [UInt8] {
        var writer = WireWriter()
        if code != .ok { writer.varint(1, UInt64(code.rawValue)) }
        if !message.isEmpty { writer.string(2, message) }
        if !fieldViolations.isEmpty {
            writer.message(3) { detail in
                detail.string(1, Self.badRequestType)
                detail.message(2) { badRequest in
                    for violation in fieldViolations {
                        badRequest.message(1) { entry in
                            if !violation.field.isEmpty { entry.string(1, violation.field) }
                            if !violation.description.isEmpty { entry.string(2, violation.description) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("code")
        writer.integer(code.rawValue)
        writer.key("message")
        writer.string(message)
        if !fieldViolations.isEmpty {
            writer.key("details")
            writer.beginArray()
            writer.beginObject()
            writer.key("@type")
            writer.string(Self.badRequestType)
            writer.key("fieldViolations")
            writer.beginArray()
            for violation in fieldViolations {
                writer.beginObject()
                writer.key("field")
                writer.string(violation.field)
                writer.key("description")
                writer.string(violation.description)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }
}

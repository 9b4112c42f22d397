/// The two encodings of OTLP over HTTP. https://opentelemetry.io/docs/specs/otlp/#otlphttp
enum OTLPEncoding: Sendable {
    case protobuf
    case json

    var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// Reads a media type: case does not matter, parameters are allowed. `nil` for any other type.
    init?(contentType: String?) {
        switch MediaType(contentType: contentType).name {
        case "application/x-protobuf": self = .protobuf
        case "application/json": self = .json
        default: return nil
        }
    }
}

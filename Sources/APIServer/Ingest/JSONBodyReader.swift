import HTTPTypes
import Hummingbird
import JSONParsing

/// Reads the JSON bodies of endpoints that are not about data: small ones, with a limit of their own.
struct JSONBodyReader: Sendable {
    /// How many bodies of the largest size may be in memory at once, parsed ones counting as often as the factor says.
    private static let bodyCountMax = 64

    private let bodies: BodyReader

    /// - Parameter limit: The largest body in bytes, also after decompression.
    init(limit: Int) {
        bodies = BodyReader(limit: limit, budget: IngestBudget(limit: limit * Self.bodyCountMax))
    }

    /// Reads a body, which must not be empty.
    ///
    /// - Throws: What `decode` throws; `payloadTooLarge`, then `unsupportedMediaType` for a type that is not JSON, then
    ///   `invalidRequest` for what is no JSON object; `serviceUnavailable` when memory is short.
    func read<Value>(
        _ request: APIRequest, decode: (borrowing JSONBody) throws(APIError) -> Value
    ) async throws -> Value {
        guard let value = try await readUnlessEmpty(request, decode: decode) else {
            throw APIError(
                .invalidRequest, "the body is empty", hint: "Send a JSON object with the Content-Type application/json."
            )
        }
        return value
    }

    /// Reads a body in which nothing is required: an empty one counts as `{}`.
    func readOptional<Value>(
        _ request: APIRequest, decode: (borrowing JSONBody) throws(APIError) -> Value
    ) async throws -> Value {
        if let value = try await readUnlessEmpty(request, decode: decode) { return value }
        return try decode(try JSONBody(parsing: Array("{}".utf8)))
    }

    /// - Returns: nil for an empty body, which needs no type.
    private func readUnlessEmpty<Value>(
        _ request: APIRequest, decode: (borrowing JSONBody) throws(APIError) -> Value
    ) async throws -> Value? {
        let body = try await bodies.read(request.request)
        let type = request.headers[.contentType]
        if body.bytes.isEmpty, type == nil { return nil }
        guard MediaType(contentType: type).name == "application/json" else {
            throw APIError(
                .unsupportedMediaType, "the Content-Type must be application/json", parameter: "Content-Type")
        }
        if body.bytes.isEmpty { return nil }
        try body.reservation.grow(by: body.bytes.count * JSONDocument.memoryFactorMax)
        let value = try decode(try JSONBody(parsing: body.bytes))
        withExtendedLifetime(body.reservation) {}
        return value
    }
}

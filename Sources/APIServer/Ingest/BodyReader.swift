import Compression
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads a request's body, inflating it while it arrives, under limits on what came in and on what came out.
struct BodyReader {
    let limit: Int
    let budget: IngestBudget

    /// A body in memory and the memory it was granted.
    struct Body {
        var bytes: [UInt8]
        var reservation: IngestBudget.Reservation
    }

    /// - Throws: `payloadTooLarge` as soon as either size is past the limit, then `unsupportedMediaType` for a coding that
    ///   is not known, `invalidRequest` for compressed data that is corrupt or cut, `serviceUnavailable` when memory is
    ///   short.
    func read(_ request: Request) async throws -> Body {
        if let declared = request.headers[.contentLength].flatMap(Int.init), declared > limit {
            throw APIError.bodyTooLarge(limit: limit)
        }
        switch Coding(request.headers) {
        case .identity: return try await readPlain(request)
        case .compressed(let coding): return try await inflate(request, coding)
        case .unknown(let name):
            // The size has precedence over the coding, so it is found out first.
            try await skip(request)
            throw APIError(
                .unsupportedMediaType, "the Content-Encoding \"\(name)\" is not supported",
                parameter: "Content-Encoding",
                hint: "Send one of gzip, deflate, zstd, or none.")
        }
    }

    private func readPlain(_ request: Request) async throws -> Body {
        var body = Body(bytes: [], reservation: budget.reserve())
        if let declared = request.headers[.contentLength].flatMap(Int.init) {
            try body.reservation.grow(by: declared)
            body.bytes.reserveCapacity(declared)
            for try await chunk in request.body { body.bytes.append(contentsOf: chunk.readableBytesView) }
            return body
        }
        for try await chunk in request.body {
            guard body.bytes.count + chunk.readableBytes <= limit else { throw APIError.bodyTooLarge(limit: limit) }
            try body.reservation.grow(by: chunk.readableBytes)
            body.bytes.append(contentsOf: chunk.readableBytesView)
        }
        return body
    }

    private func inflate(_ request: Request, _ coding: ContentCoding) async throws -> Body {
        var body = Body(bytes: [], reservation: budget.reserve())
        var received = 0
        do {
            var decompressor = try Decompressor(coding, outputLimit: limit)
            for try await chunk in request.body {
                received += chunk.readableBytes
                guard received <= limit else { throw APIError.bodyTooLarge(limit: limit) }
                let before = body.bytes.count
                try unsafe chunk.withUnsafeReadableBytes { bytes in
                    try unsafe decompressor.append(RawSpan(_unsafeBytes: bytes), to: &body.bytes)
                }
                try body.reservation.grow(by: body.bytes.count - before)
            }
            try decompressor.finish()
        } catch let error as CompressionError {
            throw APIError(error, limit: limit)
        }
        return body
    }

    private func skip(_ request: Request) async throws {
        var received = 0
        for try await chunk in request.body {
            received += chunk.readableBytes
            guard received <= limit else { throw APIError.bodyTooLarge(limit: limit) }
        }
    }

    private enum Coding {
        case identity
        case compressed(ContentCoding)
        case unknown(String)

        /// Several codings, in one header or in two, are one unknown coding.
        init(_ headers: HTTPFields) {
            let text = headers[values: .contentEncoding].joined(separator: ", ").lowercased()
            let name = text[...].trimmingOptionalWhitespace()
            if name.isEmpty || name == "identity" {
                self = .identity
            } else if let coding = ContentCoding(rawValue: String(name)) {
                self = .compressed(coding)
            } else {
                self = .unknown(String(name.prefix(64)))
            }
        }
    }
}

import Audit
import AuditLog
import HTTPTypes
import Hummingbird
import NIOCore

/// Serves the log to whoever wants to check it: checkpoints, tiles and proofs.
///
/// https://c2sp.org/tlog-tiles
struct LogRoutes {
    let log: AuditLog

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/vaas/log/checkpoint", access: .everyone, act: checkpoint),
            Endpoint(.get, "/vaas/log/{tile...}", access: .everyone, act: tile),
            Endpoint(.get, "/v1/vaas/log/consistency", access: .everyone, read: readSizes, act: consistency),
        ]
    }

    @Sendable
    private func checkpoint(_ request: APIRequest) async throws -> Response {
        var checkpoint = try await log.lastCheckpoint()
        if checkpoint == nil { checkpoint = try await log.makeCheckpoint() }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "public, max-age=1"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: checkpoint?.note ?? "")))
    }

    /// A tile never changes: what is not complete has a name of its own for each width.
    @Sendable
    private func tile(_ request: APIRequest) async throws -> Response {
        guard let tile = request.parameters["tile"].flatMap(LogTile.init(path:)),
            let bytes = try await log.bytes(of: tile)
        else { throw APIError(.notFound, "the log has no such tile") }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream", .cacheControl: "public, max-age=31536000, immutable",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private struct Sizes {
        let from: UInt64
        let to: UInt64
    }

    @Sendable
    private func readSizes(_ request: APIRequest) async throws -> Sizes {
        let query = try request.query()
        func size(_ name: String) throws -> UInt64 {
            let text = try query.value(name) ?? ""
            guard let size = UInt64(text), size > 0, String(size) == text else {
                throw APIError(
                    .invalidRequest, "\(name) must be the size of a log that has leaves, in decimal", parameter: name)
            }
            return size
        }
        let sizes = Sizes(from: try size("from"), to: try size("to"))
        guard sizes.from <= sizes.to else {
            throw APIError(.invalidRequest, "from must not be greater than to", parameter: "from")
        }
        return sizes
    }

    @Sendable
    private func consistency(_ sizes: Sizes, _ request: APIRequest) async throws -> Response {
        let size = try await log.size()
        guard sizes.to <= size else {
            throw APIError(.invalidRequest, "the log has \(size) leaves", parameter: "to")
        }
        let proof = try await log.consistencyProof(from: sizes.from, to: sizes.to)
        return Response(auditObject: [
            "from": .string(String(sizes.from)), "to": .string(String(sizes.to)),
            "proof": .array(proof.path.map { .string($0.hexadecimal) }),
        ])
    }
}

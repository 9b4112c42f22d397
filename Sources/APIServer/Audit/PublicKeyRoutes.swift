import Audit
import AuditLog
import Hummingbird

/// Tells which keys sign, which have signed, and what the root has said of them.
struct PublicKeyRoutes {
    let log: AuditLog

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/vaas/pubkey/current", access: .everyone, read: readObservation, act: current),
            Endpoint(.get, "/v1/vaas/pubkeys", access: .everyone, act: list),
            Endpoint(.get, "/v1/vaas/pubkeys/{keyid}", access: .everyone, act: show),
        ]
    }

    @Sendable
    private func readObservation(_ request: APIRequest) async throws -> Observation {
        let roles = try request.query().values("role")
        guard let text = roles.first else { return .gatewayObserved }
        guard roles.count == 1, let observation = Observation(rawValue: text) else {
            let known = Observation.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(.invalidRequest, "role must be one of \(known)", parameter: "role")
        }
        return observation
    }

    @Sendable
    private func current(_ observation: Observation, _ request: APIRequest) async throws -> Response {
        Response(auditObject: try await log.signingKey(observation).json(origin: log.origin))
    }

    @Sendable
    private func list(_ request: APIRequest) async throws -> Response {
        let keys = try await log.provedKeyEvents()
        return Response(auditObject: [
            "origin": .string(log.origin),
            "root": [
                "keyid": .string(KeyID(of: log.root).text),
                "verify_key_hex": .string(String(FlatProjection.text(of: log.root).dropFirst("ed25519:pk_".count))),
                "did": .string(DIDKey.text(of: log.root)),
            ],
            "keys": .array(keys.history.entries.map { .object($0.json(origin: log.origin)) }),
            "events": .array(keys.events.map(\.json)),
        ])
    }

    @Sendable
    private func show(_ request: APIRequest) async throws -> Response {
        guard let id = request.parameters["keyid"].flatMap(KeyID.init(text:)),
            let entry = try await log.keyHistory().entry(for: id)
        else { throw APIError(.notFound, "there is no such key", parameter: "keyid") }
        return Response(auditObject: entry.json(origin: log.origin))
    }
}

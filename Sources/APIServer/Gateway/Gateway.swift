import Accounts
import AuditLog
import Database
import Foundation
import Hummingbird
import Inference
import Logging
import NIOCore
import ServiceLifecycle
import TraceStore

/// The inference gateway with everything that belongs to it.
struct Gateway {
    let catalogue: Catalogue
    let energy: EnergyEstimates
    /// What `/metrics` tells of it.
    let writeMetrics: @Sendable (inout PrometheusText) -> Void
    let endpoints: [Endpoint]
    let spans: GatewaySpans
    /// To be run as long as the gateway serves, and stopped after it has.
    let services: [any Service]

    init(
        _ configuration: Configuration, _ installation: Installation, _ audit: AuditLog, store: any SpanStore,
        budget: IngestBudget, _ refusals: RefusalCounts, _ logger: Logger
    ) throws(StartError) {
        catalogue = Catalogue(
            configuration, environment: ProcessInfo.processInfo.environment,
            created: Int64(Date.now.timeIntervalSince1970))
        let upstreams = Upstreams(catalogue) { UnixTime.now() / 1000 }
        let gateway = InferenceGateway(
            catalogue: catalogue, router: Router(now: { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }),
            upstreams: upstreams, answerBytesMax: configuration.limits.bodyBytes,
            now: { UInt64(clamping: UnixTime.nanoseconds()) },
            naming: { error in
                let error = APIError(error)
                return (error.code.status.code, error.code.rawValue)
            })
        spans = GatewaySpans(store: store, environment: configuration.environment, logger: logger)
        energy = try EnergyEstimates(configuration, catalogue)
        let metrics = GatewayMetrics()
        writeMetrics = { [spans] text in text.gateway(metrics.totals, spans, gateway) }
        let recorder = RunRecorder(
            ledger: installation.ledger,
            records: ObservedRuns(
                log: audit, environment: configuration.environment, energy: energy, refusals: refusals),
            spans: spans, metrics: metrics, environment: configuration.environment)
        let inference = InferenceRoutes(
            gateway: gateway, recorder: recorder, idempotency: installation.idempotency,
            bodies: BodyReader(limit: configuration.limits.bodyBytes, budget: budget),
            environment: configuration.environment,
            keepAliveInterval: .seconds(Int64(configuration.limits.streamKeepAliveSeconds)))
        endpoints = inference.endpoints + ModelRoutes(gateway: gateway).endpoints
        services = [
            PeriodicWork("spans of runs", every: .milliseconds(100), logger) { [spans] in await spans.flush() },
            PeriodicWork("idempotency keys", every: .seconds(300), logger) {
                try await installation.idempotency.removeExpired()
            },
            UpstreamService(upstreams: upstreams),
        ]
    }
}

/// Closes the connections to providers once nothing is called any more.
private struct UpstreamService: Service {
    let upstreams: Upstreams

    func run() async throws {
        // It throws when it is cancelled, and then it is time to close too.
        try? await gracefulShutdown()
        await upstreams.shutDown()
    }
}

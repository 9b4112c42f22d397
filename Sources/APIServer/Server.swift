import Accounts
import AuditLog
import Database
import Foundation
import Hummingbird
import JSONParsing
package import Logging
import NIOCore
import ServiceLifecycle
import TraceStore
import UnixSignals

/// The composition root: everything that exists in a running server is made here.
package enum Server {
    /// Serves until SIGTERM or SIGINT, then stops accepting, finishes what is in flight (10 s at most) and flushes.
    ///
    /// - Throws: `StartError` or `TraceStoreError` when the installation can't be opened, what the listener fails with.
    package static func run(configuration: Configuration, logger: Logger) async throws {
        OpenFileLimit.raise()
        let installation = try await Installation.open(configuration)
        let configuration = try await configuration.listeningOnKnownPort(for: installation.audit)
        let audit = try await installation.audit.open(port: configuration.listen.port, logger)
        let store = try openStore(configuration, logger)
        let budget = IngestBudget(limit: configuration.limits.ingestQueueBytes)
        let metrics = ServerMetrics()
        let internalToken = InternalToken(configuration.isProduction ? configuration.internalToken?.value : nil)
        let bodies = BodyReader(limit: configuration.limits.bodyBytes, budget: budget)
        // Room for one JSON body of the largest size, or for many of the usual.
        let jsonBudget = IngestBudget(limit: configuration.limits.bodyBytes * JSONDocument.memoryFactorMax)
        let publicURL = PublicURL(configuration)
        let ingest = OTLPIngestRoutes(store: store, bodies: bodies, jsonBudget: jsonBudget, metrics: metrics)
        var endpoints = ingest.endpoints
        endpoints += EmptyListRoutes().endpoints
        // Memory of its own, so that spans that can't be stored leave room for calls.
        let refusals = RefusalCounts()
        let gateway = try Gateway(
            configuration, installation, audit, store: store,
            budget: IngestBudget(limit: configuration.limits.ingestQueueBytes), refusals, logger)
        endpoints += auditEndpoints(audit, installation, configuration, gateway.energy, refusals, bodies)
        let health = HealthRoutes(
            store: store, database: installation.database, audit: audit, budget: budget, metrics: metrics,
            internalToken: internalToken, writeMetrics: gateway.writeMetrics)
        endpoints += health.endpoints + gateway.endpoints
        endpoints += OTLPExportRoutes(store: store, gatewaySpans: gateway.spans, publicURL: publicURL).endpoints
        let traces = RuntimeTraces(
            store: store, runs: RunStore(database: installation.database), gatewaySpans: gateway.spans)
        endpoints += TraceRoutes(traces: traces, catalogue: gateway.catalogue, publicURL: publicURL).endpoints
        let keyUses = KeyUseRecorder(database: installation.database)
        endpoints += accountEndpoints(installation, keyUses, configuration.limits, publicURL)
        if configuration.metricsListen == nil { endpoints.append(health.metricsEndpoint(access: .operators)) }

        let admission = Admission(
            authenticator: installation.authenticator, internalToken: internalToken,
            keyLimits: KeyRateLimiter(database: installation.database), keyUses: keyUses,
            clientLimits: ClientRateLimiter(), trustedProxies: TrustedProxies(configuration.trustedProxies),
            refusals: refusals)
        let responder = { (endpoints: [Endpoint]) in
            APIResponder(routes: RouteTable(endpoints), admission: admission, metrics: metrics)
        }
        let listener = Listener(limits: configuration.limits, logger: logger)
        let announcement = ListeningAnnouncement(configuration, publicURL: publicURL)
        var services: [any Service] =
            [StoreService(store: store)] + gateway.services + periodicWork(installation, keyUses, logger)
            + [
                PeriodicWork("checkpoints", every: .seconds(1), logger) { try await audit.makeCheckpointIfSound() },
                LogCheckService(log: audit, logger: logger),
            ]
        if let address = configuration.metricsListen {
            let metricsOnly = responder([health.metricsEndpoint(access: .everyone)])
            services.append(
                listener.application(address, metricsOnly) { _ in announcement.metricsListenerRuns() })
        }
        services.append(
            listener.application(configuration.listen, responder(endpoints)) { port in
                announcement.mainListenerRuns(onPort: port)
            })
        do {
            try await ServiceGroup(configuration: shutdownConfiguration(services, logger)).run()
        } catch let error as IOError {
            throw StartError(.listener, "can't listen on \(configuration.listen): \(error)")
        }
    }

    private static func accountEndpoints(
        _ installation: Installation, _ keyUses: KeyUseRecorder, _ limits: Configuration.Limits, _ publicURL: PublicURL
    ) -> [Endpoint] {
        let (accounts, ledger) = (installation.accounts, installation.ledger)
        let users = UserRoutes(
            accounts: accounts, signIn: SignIn(accounts: accounts), ledger: ledger,
            bodies: JSONBodyReader(limit: limits.controlBodyBytes))
        // Memory of its own, so that bodies of strangers who sign up take none from those of keys.
        let keys = KeyRoutes(
            accounts: accounts, ledger: ledger, keyUses: keyUses,
            bodies: JSONBodyReader(limit: limits.controlBodyBytes), publicURL: publicURL)
        let usage = UsageRoutes(
            usage: UsageStore(database: installation.database), ledger: ledger, publicURL: publicURL)
        return users.endpoints + keys.endpoints + usage.endpoints
    }

    private static func auditEndpoints(
        _ audit: AuditLog, _ installation: Installation, _ configuration: Configuration, _ energy: EnergyEstimates,
        _ refusals: RefusalCounts, _ bodies: BodyReader
    ) -> [Endpoint] {
        let assertions = AssertionRoutes(
            log: audit, runs: RunStore(database: installation.database), idempotency: installation.idempotency,
            energy: energy, refusals: refusals, environment: configuration.environment,
            bodies: JSONBodyReader(limit: min(configuration.limits.bodyBytes, AssertionRoutes.bodyBytesMax)),
            now: { UInt64(clamping: UnixTime.nanoseconds()) })
        return assertions.endpoints + RecordRoutes(log: audit, bodies: bodies).endpoints
            + PublicKeyRoutes(log: audit).endpoints + LogRoutes(log: audit).endpoints
    }

    private static func periodicWork(
        _ installation: Installation, _ keyUses: KeyUseRecorder, _ logger: Logger
    ) -> [any Service] {
        [
            PeriodicWork("key uses", every: .seconds(10), logger) { try await keyUses.flush() },
            PeriodicWork("reservations", every: .seconds(20), logger) { try await installation.ledger.renewLeases() },
        ]
    }

    private static func openStore(
        _ configuration: Configuration, _ logger: Logger
    ) throws(StartError) -> EmbeddedSpanStore {
        guard configuration.spans.store == .embedded else {
            throw StartError(.unsupported, "spans.store: spans in PostgreSQL are not supported yet; use embedded")
        }
        var options = EmbeddedSpanStore.Options()
        options.queueBytesMax = configuration.limits.ingestQueueBytes
        options.headBytesMax = configuration.spans.headBytes
        do {
            return try EmbeddedSpanStore(folder: configuration.path(inData: "spans"), options: options, logger: logger)
        } catch let error where error.code == .locked {
            throw StartError(.dataFolder, "the data folder \(configuration.data) is in use by another batchin serve")
        } catch {
            throw StartError(.spanStore, "the span store can't be opened: \(error.debugDescription)")
        }
    }

    private static func shutdownConfiguration(
        _ services: [any Service], _ logger: Logger
    ) -> ServiceGroupConfiguration {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        return configuration
    }
}

/// Closes the span store once the listeners have stopped: services stop in the reverse of their order.
private struct StoreService: Service {
    let store: EmbeddedSpanStore

    func run() async throws {
        try? await gracefulShutdown()
        await withCheckedContinuation { continuation in
            // Waits for threads, so on one of its own.
            Thread {
                store.close()
                continuation.resume()
            }.start()
        }
    }
}

import Foundation
import Hummingbird
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
        let store = try openStore(configuration, logger)
        let budget = IngestBudget(limit: configuration.limits.ingestQueueBytes)
        let metrics = ServerMetrics()
        let internalToken = InternalToken(configuration.isProduction ? configuration.internalToken?.value : nil)
        let health = HealthRoutes(
            store: store, database: installation.database, budget: budget, metrics: metrics,
            internalToken: internalToken)
        let bodies = BodyReader(limit: configuration.limits.bodyBytes, budget: budget)
        // Room for one JSON body of the largest size, or for many of the usual.
        let jsonBudget = IngestBudget(limit: configuration.limits.bodyBytes * OTLPIngestRoutes.jsonMemoryFactor)
        let publicURL = PublicURL(configuration)
        var endpoints = health.endpoints
        let ingest = OTLPIngestRoutes(store: store, bodies: bodies, jsonBudget: jsonBudget, metrics: metrics)
        endpoints += ingest.endpoints
        endpoints += OTLPExportRoutes(store: store, publicURL: publicURL).endpoints
        endpoints += TraceRoutes(store: store, publicURL: publicURL).endpoints
        endpoints += EmptyListRoutes().endpoints
        if configuration.metricsListen == nil { endpoints.append(health.metricsEndpoint(access: .operators)) }

        let responder = { (endpoints: [Endpoint]) in
            APIResponder(
                routes: RouteTable(endpoints), authenticator: installation.authenticator, internalToken: internalToken,
                metrics: metrics)
        }
        let listener = Listener(limits: configuration.limits, logger: logger)
        let announcement = ListeningAnnouncement(configuration, publicURL: publicURL)
        var services: [any Service] = [StoreService(store: store)]
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

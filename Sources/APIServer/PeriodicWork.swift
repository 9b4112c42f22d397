import Logging
import ServiceLifecycle

/// Something small that has to be done now and then while the server runs, and once more when it stops.
///
/// A failure is logged, and the work is tried again when it is due the next time.
struct PeriodicWork: Service {
    private let name: String
    private let interval: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    /// - Parameter name: What the log calls it.
    init(
        _ name: String, every interval: Duration, _ logger: Logger, work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.logger = logger
        self.work = work
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // A sleep fails only when it is time to stop.
            while (try? await Task.sleep(for: interval)) != nil { await attempt() }
        }
        await attempt()
    }

    private func attempt() async {
        do {
            try await work()
        } catch {
            logger.warning("periodic work failed", metadata: ["work": "\(name)", "error": "\(error)"])
        }
    }
}

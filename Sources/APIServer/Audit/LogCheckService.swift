import AuditLog
import Logging
import ServiceLifecycle

/// Looks at the whole audit log once, in the background, after the server has started.
struct LogCheckService: Service {
    let log: AuditLog
    let logger: Logger

    /// Leaves the machine to others between two pieces of work, which take about as long.
    private static let pause = Duration.milliseconds(200)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                let findings = try await log.fsck { try? await Task.sleep(for: Self.pause) }
                for finding in findings {
                    logger.critical("the audit log is damaged", metadata: ["finding": "\(finding)"])
                }
            } catch {
                logger.error("the audit log can't be checked", metadata: ["error": "\(String(reflecting: error))"])
            }
        }
        // A service that ends would end the others.
        try? await gracefulShutdown()
    }
}

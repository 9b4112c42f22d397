import NIOCore
import NIOPosix

/// A port that was free a moment ago.
enum FreePort {
    /// - Throws: `listener` if there is none on that address.
    static func find(on host: String) async throws(StartError) -> Int {
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(host: host, port: 0).get()
            let port = channel.localAddress?.port
            try await channel.close()
            guard let port else { throw StartError(.listener, "there is no free port on \(host)") }
            return port
        } catch let error as StartError {
            throw error
        } catch {
            throw StartError(.listener, "can't listen on \(host): \(error)")
        }
    }
}

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Makes HTTP applications with the limits that every listener has.
struct Listener {
    let limits: Configuration.Limits
    let logger: Logger

    /// - Parameter onListening: Gets the real port.
    func application(
        _ address: ListenAddress, _ responder: APIResponder, onListening: @escaping @Sendable (Int) -> Void
    ) -> Application<APIResponder> {
        let limits = limits
        return Application(
            responder: responder,
            server: HTTPServerBuilder { responder in
                EventLoopChannel(
                    base: HTTP1Channel(
                        responder: responder,
                        configuration: .init(
                            additionalChannelHandlers: [ConnectionGuard(limits), StreamPort()],
                            httpDecoderConfiguration: .init(maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 64 << 10)))
                )
            },
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: 1024),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { onListening(port) }
            },
            logger: logger)
    }
}

import Hummingbird
import NIOCore

/// What is known of a request before it is read: where it comes from.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The other end of the connection, which may be a proxy; `nil` where it has no IP address.
    let peer: IPAddress?
    /// The connection that it came in on.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peer = source.channel.remoteAddress?.ipAddress.flatMap(IPAddress.init)
    }
}

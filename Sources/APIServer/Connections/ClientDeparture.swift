import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Tells a client that broke off from a fault of ours: there is nobody left to answer, and nothing to log.
enum ClientDeparture {
    static func explains(_ error: any Error) -> Bool {
        error is IOError || error is ChannelError || error is HTTPParserError || error is CancellationError
    }
}

import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension InferenceError {
    /// The caller is gone, or wants no answer any more.
    package static var cancelled: InferenceError { InferenceError(.cancelled, "the call was cancelled") }

    /// What a failed connection to a provider means. The message is for anyone; addresses are in the detail only.
    init(connectionFailure error: any Error) {
        switch error {
        case is HTTPParserError:
            self.init(.upstreamError, "the provider sent what is not HTTP", detail: "\(error)")
        case is NIOConnectionError, is ChannelError:
            self.init(.upstreamError, "the provider could not be reached", detail: "\(error)")
        case let error as IOError where Self.unreachableCodes.contains(error.errnoCode):
            self.init(.upstreamError, "the provider could not be reached", detail: "\(error)")
        case let error as HTTPClientError where Self.unreachable.contains(error):
            self.init(.upstreamError, "the provider could not be reached", detail: "\(error)")
        default:
            self.init(.upstreamError, "the connection to the provider failed", detail: "\(error)")
        }
    }

    private static let unreachableCodes: Set = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL]

    private static var unreachable: [HTTPClientError] {
        [.connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL]
    }
}

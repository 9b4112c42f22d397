import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// What can go wrong with a connection besides what the network and the decoder report.
enum ConnectionFailure: Error {
    /// The base URL can't be called.
    case invalidURL
    /// A header can't be sent as it is.
    case invalidHeader
    /// There was no connection in time.
    case timeout
    case closed
    /// The provider sent something that nobody asked for.
    case unasked
    /// Nobody needed the connection.
    case unused
    case shutDown
}

extension InferenceError {
    /// The caller is gone, or wants no answer any more.
    package static var cancelled: InferenceError { InferenceError(.cancelled, "the call was cancelled") }

    /// What a failed connection to a provider means. The message is for anyone; addresses are in the detail only.
    init(connectionFailure error: any Error) {
        self.init(.upstreamError, Self.message(of: error), detail: "\(error)")
    }

    private static func message(of error: any Error) -> String {
        switch error {
        case HTTPParserError.invalidEOFState: brokenOff.message
        case is HTTPParserError, is NIOHTTPDecoderError: "the provider sent what is not HTTP"
        case is NIOConnectionError, is ChannelError: unreachable
        case let error as IOError where unreachableCodes.contains(error.errnoCode): unreachable
        case ConnectionFailure.timeout, ConnectionFailure.invalidURL: unreachable
        default: "the connection to the provider failed"
        }
    }

    private static let unreachable = "the provider could not be reached"
    private static let unreachableCodes: Set = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL]
}

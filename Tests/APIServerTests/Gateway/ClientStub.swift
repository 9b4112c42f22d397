import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes

@testable import APIServer

/// A client's connection that a test drives by hand.
struct ClientStub {
    let channel: NIOAsyncTestingChannel

    init() async throws {
        channel = NIOAsyncTestingChannel()
        try await onEventLoop { try $0.pipeline.syncOperations.addHandler(StreamPort()) }
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
    }

    /// The next piece of the answer's body.
    func text() async throws -> String {
        guard case .body(let bytes) = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self) else {
            return ""
        }
        return String(buffer: bytes)
    }

    /// Whether nothing was written that was not looked at.
    func hasNothingMore() async throws -> Bool {
        try await channel.readOutbound(as: HTTPResponsePart.self) == nil
    }

    /// Takes no more for now, or goes on taking.
    func become(writable isWritable: Bool) async throws {
        channel.isWritable = isWritable
        try await onEventLoop { $0.pipeline.fireChannelWritabilityChanged() }
    }

    /// Closes its side of the connection.
    func closeInput() async throws {
        try await onEventLoop { $0.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    func close() async throws {
        try await channel.close()
    }

    /// Ends the answer under way.
    func endAnswer() async throws {
        try await channel.writeAndFlush(HTTPResponsePart.end(nil))
        _ = try await channel.waitForOutboundWrite(as: HTTPResponsePart.self)
    }

    /// Does something on the event loop, after everything that was to be done there.
    func onEventLoop(_ work: @escaping @Sendable (NIOAsyncTestingChannel) throws -> Void = { _ in }) async throws {
        let channel = channel
        try await channel.testingEventLoop.executeInContext { try work(channel) }
        await channel.testingEventLoop.run()
    }
}

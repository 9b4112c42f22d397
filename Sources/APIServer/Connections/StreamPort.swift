import NIOCore
import NIOHTTPTypes

/// Tells whoever answers a request how the client's connection does, while the answer is under way.
///
/// A client that closes its side of the connection is taken for gone, as other servers do; a request is over by then, so
/// there is nothing else it could mean. Lives on its channel's event loop only.
final class StreamPort: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Who wants to know. All calls come on the channel's event loop.
    protocol Occupant: AnyObject, Sendable {
        /// From now on the others are told.
        func arrived()
        func writabilityChanged(isWritable: Bool)
        /// The client is gone; said once at least, also instead of `arrived`.
        func clientLeft()
    }

    /// Sent through the pipeline by `occupy`.
    private struct Occupation: Sendable {
        let occupant: any Occupant
    }

    private var occupant: (any Occupant)?
    private var hasClientLeft = false

    /// Tells this occupant, in place of an earlier one, until the answer under way has ended.
    static func occupy(_ channel: any Channel, _ occupant: any Occupant) {
        let arrival = channel.eventLoop.makePromise(of: Void.self)
        // Fails where the channel is closed already and nobody takes the event.
        arrival.futureResult.whenFailure { _ in occupant.clientLeft() }
        channel.triggerUserOutboundEvent(Occupation(occupant: occupant), promise: arrival)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let occupation = event as? Occupation else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
        guard !hasClientLeft, context.channel.isActive else { return occupation.occupant.clientLeft() }
        occupant = occupation.occupant
        occupation.occupant.arrived()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { occupant = nil }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        occupant?.writabilityChanged(isWritable: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { clientLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientLeft()
        context.fireChannelInactive()
    }

    private func clientLeft() {
        hasClientLeft = true
        occupant?.clientLeft()
        occupant = nil
    }
}

@available(*, unavailable)
extension StreamPort: Sendable {}

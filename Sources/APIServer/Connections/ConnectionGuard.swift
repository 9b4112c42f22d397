import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Keeps a connection within its limits: drops clients that stall, answers `Expect: 100-continue`, and ends a request
/// that goes on long after it was refused.
///
/// Lives on its channel's event loop only.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let timeouts: ConnectionClock.Timeouts
    /// The largest body worth waiting for, and the most that is read of one that was refused.
    private let bodyBytesMax: Int
    private var clock: ConnectionClock
    private var drainedBytes = 0
    /// Whether the answer under way told the client that it is the last on this connection.
    private var saidClose = false
    private var tick: RepeatedTask?

    init(_ limits: Configuration.Limits) {
        self.timeouts = ConnectionClock.Timeouts(limits)
        self.bodyBytesMax = limits.bodyBytes
        self.clock = ConnectionClock(timeouts, now: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandler(ByteObserver(self), position: .first)
        } catch {
            // The channel is closing already.
            context.close(promise: nil)
        }
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        tick = context.eventLoop.scheduleRepeatedTask(initialDelay: timeouts.tick, delay: timeouts.tick) { _ in
            let (handler, context) = loopBound.value
            if handler.clock.isOverdue(now: .now()) { context.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        tick?.cancel()
        tick = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        tick?.cancel()
        tick = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            clock.headArrived(now: .now())
            drainedBytes = 0
            if isWaitingForContinue(head) {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body(let bytes):
            if clock.isDraining {
                drainedBytes += bytes.readableBytes
                if drainedBytes > bodyBytesMax { context.close(promise: nil) }
            }
        case .end:
            let wasDraining = clock.isDraining
            clock.requestEnded(now: .now())
            if wasDraining && saidClose {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational && clock.isReading:
            // An answer before the request's end is a refusal. What is left of the body is read, up to a bound, so that
            // the client gets to see the answer; then the connection ends, as RFC 9112 section 9.6 wants it said.
            saidClose = true
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            clock.responseEnded(now: .now())
            if saidClose && !clock.isReading {
                context.writeAndFlush(data, promise: promise)
                context.close(promise: nil)
            } else {
                context.write(data, promise: promise)
            }
        case .head, .body:
            context.write(data, promise: promise)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        clock.writabilityChanged(isWritable: context.channel.isWritable, now: .now())
        context.fireChannelWritabilityChanged()
    }

    fileprivate func bytesArrived() {
        clock.bytesArrived(now: .now())
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1; a body that will be refused is not asked for.
    private func isWaitingForContinue(_ head: HTTPRequest) -> Bool {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
        let declared = head.headerFields[.contentLength].flatMap(Int.init) ?? 0
        return declared <= bodyBytesMax
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

/// Sees the bytes before they are parsed: the only way to notice a head that never ends.
private final class ByteObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let guardian: ConnectionGuard

    init(_ guardian: ConnectionGuard) {
        self.guardian = guardian
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guardian.bytesArrived()
        context.fireChannelRead(data)
    }
}

@available(*, unavailable)
extension ByteObserver: Sendable {}

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An upstream on a real socket that does what a script says and knows no HTTP of its own.
///
/// It reads whole requests, by their `Content-Length`, and runs the next script for each; the last one is repeated.
final class ScriptedUpstream: Sendable {
    enum Step: Sendable {
        case send(String)
        /// Sends a piece with every turn of the event loop.
        case pieces([[UInt8]])
        /// Goes on when the test says so.
        case wait
        /// Sends the same again and again until the connection is gone.
        case drip(String)
        /// Sends so many bytes as fast as they are taken, in a chunked body.
        case flood(Int)
        /// Ends the connection in order.
        case close
        /// Breaks the connection off.
        case reset
    }

    enum Event: Sendable, Equatable {
        case connected
        case received(String)
        /// The client has ended the connection.
        case closed
        /// A flood has been taken whole.
        case drained
        /// Nothing was taken of a flood for some time; so much had been until then.
        case stalled(sentBytes: Int)
    }

    private let channel: any Channel
    private let scripts: Mutex<[[Step]]>
    private let handlers = Mutex<[ObjectIdentifier: (any Channel)]>([:])
    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    private init(
        channel: any Channel, scripts: [[Step]], _ stream: (AsyncStream<Event>, AsyncStream<Event>.Continuation)
    ) {
        self.channel = channel
        self.scripts = Mutex(scripts)
        (events, continuation) = stream
    }

    /// Runs a test with an upstream of its own.
    static func run<Result>(
        _ scripts: [[Step]], tls: NIOSSLContext? = nil, test: (ScriptedUpstream) async throws -> Result
    ) async throws -> Result {
        let stream = AsyncStream<Event>.makeStream()
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let upstream = box.upstream.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(ScriptRunner(upstream))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let upstream = ScriptedUpstream(channel: channel, scripts: scripts, stream)
        box.upstream.withLock { $0 = upstream }
        do {
            let result = try await test(upstream)
            try await upstream.shutDown()
            return result
        } catch {
            try await upstream.shutDown()
            throw error
        }
    }

    private final class Box: Sendable {
        let upstream = Mutex<ScriptedUpstream?>(nil)
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    /// The next event.
    func event() async -> Event? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    /// Waits for an event, whatever else happens before.
    func event(_ isWanted: (Event) -> Bool) async -> Event? {
        while let event = await event() {
            if isWanted(event) { return event }
        }
        return nil
    }

    /// The next whole request.
    func request() async -> String? {
        guard case .received(let request) = await event({ if case .received = $0 { true } else { false } }) else {
            return nil
        }
        return request
    }

    /// Lets all that wait go on.
    func proceed() {
        for channel in handlers.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(Proceed())
        }
    }

    fileprivate struct Proceed {}

    fileprivate func report(_ event: Event) {
        continuation.yield(event)
    }

    fileprivate func nextScript() -> [Step] {
        scripts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }

    fileprivate func opened(_ channel: any Channel) {
        handlers.withLock { $0[ObjectIdentifier(channel)] = channel }
    }

    fileprivate func closed(_ channel: any Channel) {
        handlers.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    private func shutDown() async throws {
        for channel in handlers.withLock({ Array($0.values) }) { channel.close(promise: nil) }
        try await channel.close()
    }
}

/// Runs scripts on one connection, and lives on its event loop only.
private final class ScriptRunner: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let upstream: ScriptedUpstream
    private var received = ""
    private var steps: ArraySlice<ScriptedUpstream.Step> = []
    private var isWaiting = false
    private var endsItself = false
    private var floodLeft = 0
    private var sentBytes = 0
    private var repeated: RepeatedTask?

    init(_ upstream: ScriptedUpstream) {
        self.upstream = upstream
    }

    func channelActive(context: ChannelHandlerContext) {
        upstream.opened(context.channel)
        upstream.report(.connected)
    }

    func channelInactive(context: ChannelHandlerContext) {
        repeated?.cancel()
        upstream.closed(context.channel)
        if !endsItself { upstream.report(.closed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let head = received.range(of: "\r\n\r\n") else { return }
        let lengthLine = received[..<head.lowerBound].split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-length:")
        }
        let length = lengthLine.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        guard received[head.upperBound...].utf8.count >= length else { return }
        upstream.report(.received(received))
        received = ""
        steps = upstream.nextScript()[...]
        run(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ScriptedUpstream.Proceed, isWaiting else { return }
        isWaiting = false
        run(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flood(context) }
    }

    private func run(_ context: ChannelHandlerContext) {
        while let step = steps.popFirst() {
            switch step {
            case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .pieces(let pieces): return send(pieces[...], context)
            case .wait:
                isWaiting = true
                return
            case .drip(let text):
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                repeated = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in
                    bound.value.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                }
            case .flood(let byteCount):
                floodLeft = byteCount
                watchForStall(context)
                flood(context)
            case .close:
                endsItself = true
                context.close(promise: nil)
            case .reset:
                endsItself = true
                let linger = linger(l_onoff: 1, l_linger: 0)
                (context.channel as? any SocketOptionProvider)?.setSoLinger(linger).whenComplete { _ in }
                context.close(promise: nil)
            }
        }
    }

    private func send(_ pieces: ArraySlice<[UInt8]>, _ context: ChannelHandlerContext) {
        guard let piece = pieces.first else { return run(context) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: piece)), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.0.send(pieces.dropFirst(), bound.value.1) }
    }

    private func flood(_ context: ChannelHandlerContext) {
        while floodLeft > 0, context.channel.isWritable {
            let piece = String(repeating: "x", count: min(floodLeft, 0x4000))
            floodLeft -= piece.utf8.count
            let isLast = floodLeft == 0
            let text = "\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n" + (isLast ? "0\r\n\r\n" : "")
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenSuccess {
                self.sentBytes += piece.utf8.count
                if isLast { self.upstream.report(.drained) }
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: promise)
        }
    }

    /// Looks from time to time whether anything was taken of a flood since it last looked.
    private func watchForStall(_ context: ChannelHandlerContext, sentBefore: Int = -1) {
        guard floodLeft > 0 else { return }
        guard sentBytes != sentBefore else {
            upstream.report(.stalled(sentBytes: sentBytes))
            return
        }
        let bound = NIOLoopBound((self, context, sentBytes), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(300)) {
            let (runner, context, sent) = bound.value
            runner.watchForStall(context, sentBefore: sent)
        }
    }
}

@available(*, unavailable)
extension ScriptRunner: Sendable {}

import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Synchronization
import Testing

@testable import APIServer

struct StreamPortTests {
    /// Remembers what it is told.
    private final class Occupant: StreamPort.Occupant {
        private let told = Mutex<[String]>([])

        var news: [String] { told.withLock(\.self) }

        func arrived() { told.withLock { $0.append("arrived") } }
        func writabilityChanged(isWritable: Bool) { told.withLock { $0.append(isWritable ? "writable" : "full") } }
        func clientLeft() { told.withLock { $0.append("left") } }
    }

    private func occupy(_ client: ClientStub) async throws -> Occupant {
        let occupant = Occupant()
        StreamPort.occupy(client.channel, occupant)
        try await client.onEventLoop()
        return occupant
    }

    @Test func `an occupant hears how the client does until it leaves`() async throws {
        let client = try await ClientStub()
        let occupant = try await occupy(client)
        try await client.become(writable: false)
        try await client.become(writable: true)
        try await client.close()
        #expect(occupant.news == ["arrived", "full", "writable", "left"])
    }

    @Test func `a client that closes its side has left, and is not heard of again`() async throws {
        let client = try await ClientStub()
        let occupant = try await occupy(client)
        try await client.closeInput()
        try await client.become(writable: false)
        try await client.close()
        #expect(occupant.news == ["arrived", "left"])
    }

    @Test(arguments: [true, false])
    func `whoever comes after the client has left hears only that`(byHalf: Bool) async throws {
        let client = try await ClientStub()
        if byHalf { try await client.closeInput() } else { try await client.close() }
        let occupant = try await occupy(client)
        #expect(occupant.news == ["left"])
    }

    @Test func `after the answer's end an occupant hears no more`() async throws {
        let client = try await ClientStub()
        let occupant = try await occupy(client)
        try await client.endAnswer()
        try await client.become(writable: false)
        try await client.close()
        #expect(occupant.news == ["arrived"])
    }

    @Test func `a new occupant takes the place of the one before`() async throws {
        let client = try await ClientStub()
        let first = try await occupy(client)
        let second = try await occupy(client)
        try await client.become(writable: false)
        try await client.close()
        #expect(first.news == ["arrived"])
        #expect(second.news == ["arrived", "full", "left"])
    }

    @Test func `others hear of everything too`() async throws {
        let client = try await ClientStub()
        _ = try await occupy(client)
        let listener = Listener()
        try await client.channel.pipeline.addHandler(Bystander(listener))
        try await client.become(writable: false)
        try await client.closeInput()
        try await client.close()
        #expect(listener.heard == ["full", "inputClosed", "inactive"])
    }

    private final class Listener: Sendable {
        private let events = Mutex<[String]>([])
        var heard: [String] { events.withLock(\.self) }
        func note(_ event: String) { events.withLock { $0.append(event) } }
    }

    private final class Bystander: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPRequestPart
        private let listener: Listener

        init(_ listener: Listener) {
            self.listener = listener
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            listener.note(context.channel.isWritable ? "writable" : "full")
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .some(.inputClosed) = event as? ChannelEvent { listener.note("inputClosed") }
        }

        func channelInactive(context: ChannelHandlerContext) {
            listener.note("inactive")
        }
    }
}

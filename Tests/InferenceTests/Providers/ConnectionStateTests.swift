import NIOCore
import Testing

@testable import Inference

struct ConnectionStateTests {
    private var state = ConnectionState()
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n."

    private mutating func call() {
        state.start()
        state.requestSent()
    }

    /// A whole answer has been decoded, but for the end of what was read.
    private mutating func answer(_ text: String = answer, keepsAlive: Bool = true) {
        #expect(state.read(ByteBuffer(string: text)) == .decode)
        state.decodedHead(keepsAlive: keepsAlive, isChunked: false)
        state.decodedBody(byteCount: 1)
        state.decodedEnd()
    }

    private mutating func serveOneCall() {
        state.established()
        call()
        answer()
        #expect(state.readComplete() == .release)
    }

    // MARK: Another call

    @Test mutating func `a connection whose call is done serves the next one`() {
        serveOneCall()
        call()
        answer()
        #expect(state.readComplete() == .release)
    }

    @Test mutating func `a connection that is to be closed serves no other call`() {
        state.established()
        call()
        answer(keepsAlive: false)
        #expect(state.readComplete() == .close)
    }

    @Test mutating func `a connection with an unsent request serves no other call`() {
        state.established()
        state.start()
        answer()
        #expect(state.readComplete() == .close)
    }

    @Test mutating func `a connection on which more came than the answer serves no other call`() {
        state.established()
        call()
        answer(Self.answer + "HTTP/1.1 2")
        #expect(state.readComplete() == .close)
    }

    @Test mutating func `what comes when nothing was asked for is not decoded`() {
        #expect(state.read(ByteBuffer(string: "x")) == .close)
        state.established()
        #expect(state.read(ByteBuffer(string: "x")) == .close)
        call()
        answer()
        #expect(state.read(ByteBuffer(string: "x")) == .close)
    }

    // MARK: Reading

    @Test mutating func `an idle connection is read from, to hear that it is closed`() {
        #expect(state.readComplete() == .read)
        state.established()
        #expect(state.readComplete() == .read)
    }

    @Test mutating func `nothing is read during a pause, and at once when it is over`() {
        state.established()
        call()
        #expect(state.read(ByteBuffer(string: "HTTP/1.1")) == .decode)
        #expect(state.readComplete() == .read)
        state.pause()
        #expect(state.readComplete() == .nothing)
        #expect(state.resume() == true)
        #expect(state.resume() == false)
        #expect(state.readComplete() == .read)
    }

    @Test mutating func `a pause that is over before everything was decoded makes no second read`() {
        state.established()
        call()
        state.pause()
        #expect(state.resume() == false)
        #expect(state.readComplete() == .read)
    }

    @Test mutating func `the end of an answer ends its pause`() {
        state.established()
        call()
        state.pause()
        answer()
        #expect(state.readComplete() == .release)
        call()
        #expect(state.readComplete() == .read)
    }

    // MARK: Loss

    @Test mutating func `a connection that never was is unreachable`() {
        #expect(state.close() == .unreachable)
        #expect(state.isClosed)
    }

    @Test mutating func `a connection lost while idle harms nobody`() {
        serveOneCall()
        #expect(state.close() == .nothing)
    }

    @Test mutating func `a used connection lost before the request was sent was stale`() {
        serveOneCall()
        state.start()
        #expect(state.close() == .stale)
    }

    @Test mutating func `a used connection lost after the request was sent is a failure, for it may have been served`()
    {
        serveOneCall()
        call()
        #expect(state.close() == .failure)
    }

    @Test mutating func `a used connection lost after a byte of the answer is a failure`() {
        serveOneCall()
        call()
        #expect(state.read(ByteBuffer(string: "H")) == .decode)
        #expect(state.close() == .failure)
    }

    @Test mutating func `a new connection lost at once is a failure`() {
        state.established()
        call()
        #expect(state.close() == .failure)
    }

    @Test mutating func `a connection lost after a whole answer harms nobody`() {
        state.established()
        call()
        answer()
        #expect(state.close() == .nothing)
        #expect(state.readComplete() == .nothing)
    }
}

package import NIOCore

/// The bytes of an answer as they arrive, in chunks whose bounds mean nothing. For one reader.
///
/// Nothing is read ahead but what fits a small buffer, so that a slow reader slows the provider down. Letting go of the
/// body ends the call, as cancelling the task does that reads it.
package struct UpstreamBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = InferenceError

    private let source: Owner

    init(_ source: any ByteSource) {
        self.source = Owner(source)
    }

    /// A body that is here already.
    package init(chunks: [[UInt8]]) {
        self.init(GeneratedBytes(chunks.filter { !$0.isEmpty }.makeIterator()))
    }

    package func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    /// All that is left of the body.
    ///
    /// - Throws: `upstreamError` also if it is longer than `byteCountMax`.
    package func collect(upTo byteCountMax: Int) async throws(InferenceError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await source.bytes.next() {
            guard chunk.count <= byteCountMax - bytes.count else {
                source.bytes.abandon()
                throw InferenceError(.upstreamError, "the provider's answer is too large")
            }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    /// Hands everything that is left to a receiver, without a task in between. Nobody reads the body otherwise then.
    ///
    /// - Parameter eventLoop: The one that the call was made on, or any if it was made on none.
    package func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop) {
        source.bytes.forward(to: receiver, on: eventLoop)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: Owner

        /// The next chunk, which is not empty, or nil after the last one.
        package mutating func next() async throws(InferenceError) -> [UInt8]? {
            try await source.bytes.next()
        }

        package mutating func next(isolation: isolated (any Actor)?) async throws(InferenceError) -> [UInt8]? {
            try await source.bytes.next()
        }
    }

    /// Ends the call when nobody holds the body any more.
    fileprivate final class Owner: Sendable {
        let bytes: any ByteSource

        init(_ bytes: any ByteSource) {
            self.bytes = bytes
        }

        deinit {
            bytes.abandon()
        }
    }
}

/// What a body reads from.
protocol ByteSource: Sendable {
    /// The next bytes, never none of them, or nil at the end.
    func next() async throws(InferenceError) -> [UInt8]?
    /// Hands all further bytes over as they come.
    func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop)
    /// Nobody will ask for more.
    func abandon()
}

/// Takes an answer's bytes on the event loop where they arrive. All calls come on that event loop.
package protocol BodyReceiver: AnyObject, Sendable {
    /// Takes the next bytes.
    ///
    /// - Returns: What the provider has to wait for before it may send more; nil if it need not.
    func receive(_ bytes: ByteBuffer) -> EventLoopFuture<Void>?

    /// Hears once how the answer ended: with its last byte, or with an error. Not after `abandon`.
    func finish(_ error: InferenceError?)
}

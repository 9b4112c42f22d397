import NIOCore
import Synchronization

/// A body that is made while it is read. Its generator makes no empty chunk.
final class GeneratedBytes<Generator: IteratorProtocol<[UInt8]> & Sendable>: ByteSource {
    private let generator: Mutex<Generator>
    private let isAbandoned = Mutex(false)

    init(_ generator: Generator) {
        self.generator = Mutex(generator)
    }

    func next() async throws(InferenceError) -> [UInt8]? {
        guard !Task.isCancelled else { throw .cancelled }
        return generator.withLock { $0.next() }
    }

    /// A chunk at a time, so that others on the event loop get their turn.
    func forward(to receiver: any BodyReceiver, on eventLoop: any EventLoop) {
        eventLoop.execute { [weak self] in
            guard let self, !isAbandoned.withLock({ $0 }) else { return }
            guard let chunk = generator.withLock({ $0.next() }) else { return receiver.finish(nil) }
            guard let pause = receiver.receive(ByteBuffer(bytes: chunk)) else {
                return forward(to: receiver, on: eventLoop)
            }
            pause.whenComplete { _ in self.forward(to: receiver, on: eventLoop) }
        }
    }

    func abandon() {
        isAbandoned.withLock { $0 = true }
    }
}

import Synchronization

/// A body that is made while it is read. Its generator makes no empty chunk.
final class GeneratedBytes<Generator: IteratorProtocol<[UInt8]> & Sendable>: ByteSource {
    private let generator: Mutex<Generator>

    init(_ generator: Generator) {
        self.generator = Mutex(generator)
    }

    func next() async throws(InferenceError) -> [UInt8]? {
        guard !Task.isCancelled else { throw .cancelled }
        return generator.withLock { $0.next() }
    }

    func abandon() {}
}

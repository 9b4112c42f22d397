import NIOHTTP1

/// What has come of an answer and was not taken yet. A value: pieces go in on one side and come out on the other.
struct ResponseIntake {
    enum Chunk {
        /// Nothing is here; more may come.
        case none
        case bytes([UInt8])
        case end
        case failed(InferenceError)
    }

    private enum Ending {
        case complete
        case failed(InferenceError)
    }

    /// From so many waiting bytes on, the provider has to pause.
    static let byteCountMax = 16_384

    private var head: HTTPResponseHead?
    private var bytes: [UInt8] = []
    private var ending: Ending?

    /// Whether a reader that waits may go on.
    var isReady: Bool { ending != nil || !bytes.isEmpty }

    var isOver: Bool { ending != nil }

    /// Whether the provider has to pause until bytes are taken.
    var isFull: Bool { bytes.count >= Self.byteCountMax }

    mutating func receive(_ head: HTTPResponseHead) {
        guard !isOver else { return }
        self.head = head
    }

    mutating func receive(_ piece: some Collection<UInt8>) {
        guard !isOver else { return }
        bytes += piece
    }

    mutating func finish() {
        ending = ending ?? .complete
    }

    /// Ends the answer early. What came before stays, and is taken first.
    mutating func fail(_ error: InferenceError) {
        ending = ending ?? .failed(error)
    }

    /// Ends the answer early, and throws away what came before.
    mutating func abandon() {
        bytes = []
        ending = .failed(.cancelled)
    }

    /// The head, once the first bytes of the body are here too, or the body ended without any.
    mutating func takeHead() -> Result<HTTPResponseHead, InferenceError>? {
        if let head, !bytes.isEmpty { return .success(head) }
        switch (ending, head) {
        case (nil, _): return nil
        case (.failed(let error), _): return .failure(error)
        case (.complete, let head?): return .success(head)
        case (.complete, nil): preconditionFailure("an answer has a head before it ends")
        }
    }

    /// Whether the whole of the answer is here and its body is empty.
    var isEmpty: Bool { isOver && bytes.isEmpty }

    /// All bytes that are here, or what became of the answer when they have been taken.
    mutating func takeChunk() -> Chunk {
        guard bytes.isEmpty else {
            defer { bytes = [] }
            return .bytes(bytes)
        }
        switch ending {
        case nil: return .none
        case .complete: return .end
        case .failed(let error): return .failed(error)
        }
    }
}

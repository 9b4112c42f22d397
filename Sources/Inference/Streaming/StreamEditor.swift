/// Passes the stream of a chat or completion call on to a client: what comes in goes out byte for byte, except that
/// `model` has the catalogue's name, and usage is shown only to a client that asked for it.
///
/// Providers are always asked for usage. To a client that did not ask, the chunk that reports nothing else is not
/// passed on, and other chunks go without their `usage` member. For one that did, the chunk that ends the answer and
/// has usage is held back, until the run is recorded and `finish` adds what is to be said about it. `[DONE]` is held
/// back in any case. Comments are passed on as they come, even past a chunk that is held.
///
/// It does no I/O: whoever drives it writes the bytes of each step to the client and looks at the step's state.
package struct StreamEditor: Sendable {
    package enum State: Sendable {
        /// More may come.
        case open
        /// The provider has said everything. After the run is recorded, `finish` gives the rest of the stream.
        case complete
        /// The stream can't go on: the provider reported an error, sent what can't be read, or broke off. After the run
        /// is recorded, `fail` gives the rest of the stream.
        case failed(InferenceError)
    }

    package struct Step: Sendable {
        /// What the client gets now; often nothing.
        package internal(set) var bytes: [UInt8] = []
        package internal(set) var state: State
    }

    /// What the chunks have said so far.
    package internal(set) var facts = ResponseFacts()
    /// Whether a chunk has come; before the first one the call can still go to another provider.
    package internal(set) var hasBegun = false
    package internal(set) var state = State.open

    let modelJSON: [UInt8]
    let showsUsage: Bool
    var parser: EventParser
    /// What the model has written of what was passed on.
    var output: OutputDigest
    var held: HeldEvent?
    /// The event that said `[DONE]`.
    var done: [UInt8]?
    var identity = ChunkIdentity()

    /// - Parameters:
    ///   - catalogueID: the catalogue's name of the model.
    ///   - showsUsage: whether the client asked for usage.
    ///   - eventBytesMax: the most bytes that one event may have.
    ///   - heldBytesMax: the most bytes of tool calls and of choices beside the first, which are held for their digest.
    package init(
        model catalogueID: String, showsUsage: Bool, eventBytesMax: Int = 1 << 20, heldBytesMax: Int = 16 << 20
    ) {
        modelJSON = catalogueID.json
        self.showsUsage = showsUsage
        parser = EventParser(eventBytesMax: eventBytesMax)
        output = OutputDigest(heldBytesMax: heldBytesMax)
    }

    /// Takes the next bytes from the provider, cut anywhere. What comes behind `[DONE]` or an error is ignored.
    package mutating func take(_ bytes: [UInt8]) -> Step {
        guard case .open = state else { return Step(state: state) }
        parser.append(bytes)
        return takeEvents()
    }

    /// Tells that the provider has ended its answer in an orderly way. Some don't say `[DONE]`: then the answer is
    /// complete if every choice has ended.
    package mutating func end() -> Step {
        guard case .open = state else { return Step(state: state) }
        parser.end()
        var step = takeEvents()
        if case .open = state {
            state = facts.hasFinished ? .complete : .failed(.brokenOff)
            step.state = state
        }
        return step
    }

    /// The end of a complete stream: the chunk with the usage, a comment, `[DONE]`.
    /// - Parameters:
    ///   - usage: what the run is billed for. A client that asked for usage gets it in a chunk of its own if the
    ///     provider has reported none.
    ///   - batchin: the JSON of a `batchin` member for the chunk with the usage.
    ///   - comment: one line for readers who look for it, such as `vaas {…}`.
    package mutating func finish(usage: TokenUsage, batchin: [UInt8]? = nil, comment: [UInt8]? = nil) -> [UInt8] {
        var output: [UInt8] = []
        if let held {
            held.append(to: &output, with: batchin)
            self.output = held.output
            self.held = nil
        } else if showsUsage, facts.usage == nil {
            identity.appendUsageChunk(usage, model: modelJSON, batchin: batchin, to: &output)
        }
        if let comment { output += Self.comment(comment) }
        output.append(contentsOf: done ?? Array("data: [DONE]\n\n".utf8))
        return output
    }

    /// A comment that a reader of events does not see. Behind the end of a stream that can't go on it tells of the run,
    /// which is recorded with the error event that comes before it.
    /// - Parameter text: one line for readers who look for it, such as `vaas {…}`.
    package static func comment(_ text: [UInt8]) -> [UInt8] {
        precondition(!text.contains { $0 == 0x0A || $0 == 0x0D }, "a comment is one line")
        return Array(": ".utf8) + text + Array("\n\n".utf8)
    }

    /// The end of a stream that can't go on, whether the editor found that out or not: an error event, and no `[DONE]`.
    /// - Parameter error: the JSON of the event, `{"error":{…}}`.
    package mutating func fail(with error: [UInt8]) -> [UInt8] {
        precondition(!error.contains { $0 == 0x0A || $0 == 0x0D }, "the event's data is one line")
        var output: [UInt8] = []
        releaseHeldEvent(to: &output)
        output.append(copying: "data: ")
        output.append(contentsOf: error)
        output.append(copying: "\n\n")
        return output
    }
}

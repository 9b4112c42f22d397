extension StreamEditor {
    /// Takes every event that is whole, until one closes the stream.
    mutating func takeEvents() -> Step {
        var step = Step(state: state)
        do throws(InferenceError) {
            let buffer = parser.buffer
            while case .open = state, let event = try parser.next() {
                try buffer.withRawBytes { (bytes) throws(InferenceError) in
                    try take(event, of: bytes, appendingTo: &step.bytes)
                }
            }
        } catch {
            state = .failed(error)
        }
        step.state = state
        return step
    }

    private mutating func take(
        _ event: ServerSentEvent, of bytes: RawSpan, appendingTo output: inout [UInt8]
    ) throws(InferenceError) {
        guard let line = event.data.first else {
            // Servers of the llama.cpp family have reported errors in a field of that name.
            if bytes.hasPrefix("error:", at: event.raw.lowerBound) {
                throw UpstreamErrorBody(body: bytes.copy(of: event.raw.lowerBound + 6..<event.raw.upperBound))
                    .inferenceError
            }
            return event.append(of: bytes, to: &output)
        }
        if bytes.extracting(line).hasPrefix("[DONE]", at: 0) {
            guard facts.hasBegunChoice else { throw .brokenOff }
            var copy: [UInt8] = []
            event.append(of: bytes, to: &copy)
            done = copy
            state = .complete
        } else if event.data.count == 1 {
            try takeData(line, of: bytes, in: event, of: bytes, appendingTo: &output)
        } else {
            let text = event.joinedData(in: bytes)
            try text.withRawBytes { (data) throws(InferenceError) in
                try takeData(0..<data.byteCount, of: data, in: event, of: bytes, appendingTo: &output)
            }
        }
    }

    /// - Parameter text: where the event's data lies in `data`: the stream's own bytes, or a copy whose lines are
    ///   joined.
    private mutating func takeData(
        _ text: Range<Int>, of data: RawSpan, in event: ServerSentEvent, of bytes: RawSpan,
        appendingTo output: inout [UInt8]
    ) throws(InferenceError) {
        let isError = event.name.map { bytes.holds("error", in: $0) } ?? false
        if isError { throw UpstreamErrorBody(body: data.copy(of: text)).inferenceError }
        guard !text.isEmpty else { return event.append(of: bytes, to: &output) }
        let chunk: CompletionObject
        do throws(InferenceError) {
            chunk = try CompletionObject(text, of: data, addingTo: &facts)
        } catch let error {
            let isMessage = event.name.map { bytes.holds("message", in: $0) } ?? true
            if isMessage { throw error }
            // An event of the provider's own invention.
            return event.append(of: bytes, to: &output)
        }
        if chunk.error != nil { throw UpstreamErrorBody(body: data.copy(of: text)).inferenceError }
        try takeChunk(chunk, of: data, in: event, of: bytes, appendingTo: &output)
    }

    private mutating func takeChunk(
        _ chunk: CompletionObject, of data: RawSpan, in event: ServerSentEvent, of bytes: RawSpan,
        appendingTo output: inout [UInt8]
    ) throws(InferenceError) {
        hasBegun = true
        releaseHeldEvent(to: &output)
        identity.note(chunk.identity, of: data)
        guard showsUsage || !chunk.isUsageChunk else { return }
        var edits = BodyEdits()
        for range in chunk.models { edits.replace(range, with: modelJSON) }
        if !showsUsage { edits.remove(chunk.usages, in: data) }
        var object = chunk.object
        if event.data.count > 1 {
            edits = edits.moved(event.offset(ofJoined:))
            object.close = object.close.map(event.offset(ofJoined:))
        }
        let endsAnswer = chunk.isUsageChunk || chunk.hasUsage && chunk.hasFinishReason
        if showsUsage, endsAnswer {
            var outputWithEvent = self.output
            try outputWithEvent.add(chunk.parts, of: data)
            held = HeldEvent(event, of: bytes, edits: edits, object: object, output: outputWithEvent)
        } else {
            try self.output.add(chunk.parts, of: data)
            event.append(of: bytes, with: edits, to: &output)
        }
    }

    /// Passes the held event on after all, because another one came.
    mutating func releaseHeldEvent(to output: inout [UInt8]) {
        guard let event = held.take() else { return }
        event.append(to: &output)
        self.output = event.output
    }
}

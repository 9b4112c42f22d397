/// A stream that has begun: what was read of it to know that it is one, and the rest that is on its way.
package struct StreamStart: Sendable {
    package private(set) var editor: StreamEditor
    /// What the client gets of what was read so far.
    package private(set) var bytes: [UInt8] = []
    package let body: UpstreamBody
    /// Who sends it.
    let attempt: Attempt

    init(editor: StreamEditor, body: UpstreamBody, attempt: Attempt) {
        self.editor = editor
        self.body = body
        self.attempt = attempt
    }

    /// Reads until the first chunk is here.
    ///
    /// - Throws: What ends the stream before that, so that another provider can be asked.
    mutating func read() async throws(InferenceError) {
        var iterator = body.makeAsyncIterator()
        while case .open = editor.state, !editor.hasBegun {
            let chunk = try await iterator.next()
            let step = chunk.map { editor.take($0) } ?? editor.end()
            bytes += step.bytes
            if case .failed(let error) = step.state, !editor.hasBegun { throw error }
        }
    }
}

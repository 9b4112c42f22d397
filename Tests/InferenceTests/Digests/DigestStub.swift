import Crypto

@testable import Inference

/// SHA-256 of a text in UTF-8.
func sha256(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

/// The output digests of answers whose choices are given as JSON.
enum DigestStub {
    /// Of a whole answer.
    static func buffered(_ choices: String...) throws -> [UInt8] {
        try CompletionResponse(body: Array("{\"choices\":[\(choices.joined(separator: ","))]}".utf8)).outputHash()
    }

    /// Of a whole answer of one choice with this message.
    static func buffered(message: String) throws -> [UInt8] {
        try buffered("{\"index\":0,\"message\":\(message),\"finish_reason\":\"stop\"}")
    }

    /// Of a stream, each of whose chunks has this one choice.
    static func streamed(_ choices: String...) -> [UInt8] {
        streamed(choices.map { Array("data: {\"choices\":[\($0)]}\n\n".utf8) })
    }

    /// Of a stream of one choice, which gets these deltas.
    static func streamed(deltas: String...) -> [UInt8] {
        streamed(deltas.map { Array("data: {\"choices\":[{\"index\":0,\"delta\":\($0)}]}\n\n".utf8) })
    }

    static func streamed(_ pieces: [[UInt8]]) -> [UInt8] {
        var editor = StreamEditor(showsUsage: false)
        for piece in pieces { _ = editor.take(piece) }
        precondition(editor.isOpen, "the stream can't be read")
        return editor.output.value
    }
}

/// What a provider's answer says about itself: gathered from a whole body, or chunk by chunk from a stream.
package struct ResponseFacts: Sendable {
    package internal(set) var id: String?
    /// The model's name at the provider.
    package internal(set) var model: String?
    /// The last usage that was reported.
    package internal(set) var usage: ReportedUsage?
    /// Everything that the model has written, its reasoning and the arguments of its tool calls included.
    package internal(set) var text = TextTally()
    /// Why the choices ended, in the order in which they did.
    package internal(set) var finishReasons: [String] = []
    /// The choices that have begun and those that have ended, a bit each; only 128 are told apart.
    private var begun: UInt128 = 0
    private var finished: UInt128 = 0

    /// The longest text that is kept of each name.
    private static let nameLengthMax = 256

    var hasBegunChoice: Bool { begun != 0 }

    /// Whether every choice that has begun has ended, and there is one.
    package var hasFinished: Bool { begun != 0 && begun == finished }

    mutating func note(choice index: Int64, finishReason: String?) {
        guard 0..<Int64(UInt128.bitWidth) ~= index else { return }
        let bit: UInt128 = 1 << UInt128(index)
        begun |= bit
        guard let finishReason, finished & bit == 0 else { return }
        finished |= bit
        finishReasons.append(finishReason)
    }

    /// A name that a provider sends, unless it is no text or much longer than names are.
    static func name(_ value: JSONValue, in bytes: RawSpan) -> String? {
        value.range.count <= nameLengthMax ? value.string(in: bytes) : nil
    }
}

import OTLP

/// The server-sent events of a streamed answer, one at a time.
struct EchoEvents<Answer: EchoAnswer>: IteratorProtocol, Sendable {
    private enum Part {
        case word(Int)
        case finish
        case usage
        case done
        case nothing
    }

    private let answer: Answer
    private var part = Part.word(-1)
    private var choice = 0

    init(_ answer: Answer) {
        self.answer = answer
    }

    mutating func next() -> [UInt8]? {
        while true {
            switch part {
            case .word(let word):
                guard choice < answer.choices.count else {
                    choice = 0
                    let isLast = answer.choices.allSatisfy { word + 1 >= $0.words.count }
                    part = isLast ? .finish : .word(word + 1)
                    continue
                }
                defer { choice += 1 }
                if let event = event(choice, word) { return event }
            case .finish:
                guard choice < answer.choices.count else {
                    part = answer.includesUsage ? .usage : .done
                    continue
                }
                defer { choice += 1 }
                return event(choice: choice, finish: answer.choices[choice].finishReason) { answer, writer in
                    answer.writeWord(nil, isFirst: false, to: &writer)
                }
            case .usage:
                part = .done
                return usageEvent()
            case .done:
                part = .nothing
                return Array("data: [DONE]\n\n".utf8)
            case .nothing:
                return nil
            }
        }
    }

    /// A word of a choice, or what comes before the first one; nil if the choice has no more to say.
    private func event(_ choice: Int, _ word: Int) -> [UInt8]? {
        let text = answer.choices[choice]
        guard word < text.words.count else { return nil }
        return event(choice: choice, finish: nil) { answer, writer in
            answer.writeWord(word < 0 ? nil : text.bytes[text.words[word]], isFirst: word < 0, to: &writer)
        }
    }

    private func event(
        choice: Int, finish: StaticString?, content: (Answer, inout JSONWriter) -> Void
    ) -> [UInt8] {
        event { writer in
            writer.key("choices")
            writer.beginArray()
            answer.writeChoice(choice, finish: finish, to: &writer) { content(answer, &$0) }
            writer.endArray()
            if answer.includesUsage {
                writer.key("usage")
                writer.null()
            }
        }
    }

    private func usageEvent() -> [UInt8] {
        event { writer in
            writer.key("choices")
            writer.beginArray()
            writer.endArray()
            writer.key("usage")
            answer.writeUsage(to: &writer)
        }
    }

    private func event(_ content: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes += "data: ".utf8
        writer.beginObject()
        answer.stamp.write(Answer.chunkObject, to: &writer)
        content(&writer)
        writer.endObject()
        return writer.bytes + "\n\n".utf8
    }
}

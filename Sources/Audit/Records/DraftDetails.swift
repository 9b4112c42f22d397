/// The details of a record, written but for its place in the chain of its tenant.
struct DraftDetails: Sendable {
    /// Holds a gap where the previous receipt comes, and nothing at all where the sequence number does.
    private let text: [UInt8]
    private let receiptStart: Int
    private let sequenceStart: Int

    /// Writes details that were checked. The members are in their canonical order.
    init(_ details: RecordDetails, _ facts: RecordFacts) {
        var text = CanonicalText(capacity: 1024)
        text.raw("{")
        if let claims = details.claims {
            text.raw("\"claims\":")
            text.object(claims)
            text.raw(",")
        }
        text.raw("\"completed_at\":\"")
        text.time(facts.completedAt)
        text.raw("\"")
        if let cost = details.cost { text.cost(cost) }
        if let energyInputs = details.energyInputs {
            text.raw(",\"energy_inputs\":")
            text.object(energyInputs)
        }
        text.raw(",\"prev_receipt\":\"")
        receiptStart = text.gap()
        text.raw("\",\"received_at\":\"")
        text.time(facts.receivedAt)
        text.raw("\"")
        if let refused = details.refused { text.refused(refused) }
        text.byteCount("request_bytes", details.requestByteCount)
        text.byteCount("response_bytes", details.responseByteCount)
        text.raw(",\"tenant\":")
        text.string(details.tenant)
        text.raw(",\"tenant_seq\":\"")
        sequenceStart = text.bytes.count
        text.raw("\"")
        if let usage = details.usage { text.usage(usage) }
        text.raw("}")
        self.text = text.bytes
    }

    /// The finished details.
    func bytes(sequence: Int64, previousReceipt: SHA256Digest) -> [UInt8] {
        precondition((1...RecordDetails.countMax).contains(sequence), "the sequence of a tenant begins at 1")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 20)
        bytes.append(contentsOf: text[..<sequenceStart])
        bytes.append(contentsOf: String(sequence).utf8)
        bytes.append(contentsOf: text[sequenceStart...])
        previousReceipt.withSpan { Hexadecimal.write($0, over: &bytes, at: receiptStart) }
        return bytes
    }
}

extension CanonicalText {
    fileprivate mutating func cost(_ cost: RecordDetails.Cost) {
        raw(",\"cost\":{\"currency\":")
        string(cost.currency)
        raw(",\"nanos\":\"")
        integer(cost.nanos)
        raw("\"}")
    }

    fileprivate mutating func refused(_ refused: RecordDetails.Refused) {
        raw(",\"refused\":{\"401\":")
        integer(refused.unauthorized)
        raw(",\"429\":")
        integer(refused.rateLimited)
        raw("}")
    }

    fileprivate mutating func byteCount(_ name: String, _ count: Int64?) {
        guard let count else { return }
        raw(",\"")
        plain(name)
        raw("\":\"")
        integer(count)
        raw("\"")
    }

    fileprivate mutating func usage(_ usage: RecordDetails.Usage) {
        raw(",\"usage\":{")
        if usage.cachedTokens > 0 {
            raw("\"cached_tokens\":")
            integer(usage.cachedTokens)
            raw(",")
        }
        raw("\"input_tokens\":")
        integer(usage.inputTokens)
        raw(",\"output_tokens\":")
        integer(usage.outputTokens)
        if usage.reasoningTokens > 0 {
            raw(",\"reasoning_tokens\":")
            integer(usage.reasoningTokens)
        }
        raw("}")
    }
}

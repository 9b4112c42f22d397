/// How much a decompressor may still write, and the one place where its output grows.
struct OutputBudget {
    private static let roomMin = 16 << 10

    private var remaining: Int

    init(limit: Int) {
        precondition(limit >= 0, "an output limit is not negative")
        remaining = limit
    }

    /// Lends `body` room behind the output, and appends as many bytes as it says it wrote there.
    ///
    /// The output doubles when it is full, but never reserves more than the limit allows. When the limit is reached,
    /// `body` gets one byte outside the output, because only its wish to write there tells too much from just enough.
    mutating func fill(
        _ output: inout [UInt8],
        _ body: (UnsafeMutableBufferPointer<UInt8>) throws(CompressionError) -> Int
    ) throws(CompressionError) {
        guard remaining > 0 else {
            var beyond: [UInt8] = []
            guard try unsafe beyond.append(upTo: 1, body) == 0 else { throw CompressionError(.outputLimitExceeded) }
            return
        }
        if output.capacity == output.count {
            output.reserveCapacity(output.count + min(max(output.count, Self.roomMin), remaining))
        }
        remaining -= try unsafe output.append(upTo: min(output.capacity - output.count, remaining), body)
    }
}

extension [UInt8] {
    /// Appends what `body` writes into `count` bytes of uninitialized room, and returns how many bytes those were.
    mutating func append(
        upTo count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(CompressionError) -> Int
    ) throws(CompressionError) -> Int {
        let countBefore = self.count
        // Without storage of its own an empty array shares the library's, into which `append` would write a count of 0:
        // harmless, but a race with every other empty array.
        if capacity == 0 { reserveCapacity(Swift.max(count, 1)) }
        try append(addingCapacity: count) { span throws(CompressionError) in
            try unsafe span.withUnsafeMutableBufferPointer { buffer, written throws(CompressionError) in
                written = try unsafe body(buffer)
            }
        }
        return self.count - countBefore
    }
}

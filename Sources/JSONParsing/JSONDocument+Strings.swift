extension JSONDocument {
    /// Lends a string's bytes: valid UTF-8 without its quotes and escapes, which may hold NUL.
    /// - Precondition: the node is a string or a member's key.
    package func withString<Result, Failure: Error>(
        of node: Node, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe stringBytes(at: node.index).bytes)
    }

    /// A copy of a string.
    /// - Precondition: the node is a string or a member's key.
    package func string(of node: Node) -> String {
        unsafe String(decoding: stringBytes(at: node.index), as: UTF8.self)
    }

    /// Whether a string or a member's key is, byte by byte, `text`. False for every other value.
    package func string(of node: Node, equals text: StaticString) -> Bool {
        guard tag(at: node.index) == Tag.string else { return false }
        let bytes = unsafe stringBytes(at: node.index)
        return text.withUTF8Buffer { other in
            // Most names differ in their length already.
            unsafe bytes.count == other.count && bytes.elementsEqual(other)
        }
    }
}

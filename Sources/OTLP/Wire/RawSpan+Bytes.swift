// The only file of this target that needs the word `unsafe`.
//
// Every access below is bounds-checked by the standard library and traps rather than read beyond the span. The loads
// are marked unsafe there because they could make an invalid value of some types; every bit pattern is a valid integer.
// `bytes` is, because elements of some types have padding; bytes have none.

extension RawSpan {
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func littleEndianUInt32(at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    func littleEndianUInt64(at offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    func bigEndianUInt64(at offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether both spans hold the same bytes.
    func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for offset in 0..<byteCount where byte(at: offset) != other.byte(at: offset) {
            return false
        }
        return true
    }

    /// Whether the bytes in `range` are those of `text`.
    func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { characters in
            for index in 0..<range.count {
                guard unsafe byte(at: range.lowerBound + index) == characters[index] else { return false }
            }
            return true
        }
    }
}

extension [UInt8] {
    /// Appends a copy of the bytes.
    @inline(__always)
    mutating func append(copying bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe append(contentsOf: buffer)
        }
    }

    /// Appends the characters of a literal.
    @inline(__always)
    mutating func append(copying text: StaticString) {
        text.withUTF8Buffer { characters in
            unsafe append(contentsOf: characters)
        }
    }
}

extension [UInt8] {
    /// Lends the elements as raw bytes.
    @inline(__always)
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe span.bytes)
    }
}

extension String {
    /// Lends the text's UTF-8.
    package func withUTF8Bytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe utf8.span.bytes)
    }
}

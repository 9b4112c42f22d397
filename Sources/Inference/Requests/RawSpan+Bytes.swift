internal import Crypto

// The only file of these folders that needs the word `unsafe`.
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
    func littleEndianUInt64(at offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes in `range` are those of `text`.
    @inline(__always)
    func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
        range.count == text.utf8CodeUnitCount && hasPrefix(text, at: range.lowerBound)
    }

    /// Whether the bytes of `text` stand at `offset`.
    func hasPrefix(_ text: StaticString, at offset: Int) -> Bool {
        guard text.utf8CodeUnitCount <= byteCount - offset else { return false }
        return text.withUTF8Buffer { characters in
            for index in 0..<characters.count {
                guard unsafe byte(at: offset + index) == characters[index] else { return false }
            }
            return true
        }
    }

    func copy(of range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        copy.append(copying: extracting(range))
        return copy
    }
}

extension RawSpan {
    /// Whether there is a backslash in `range`, looking at eight bytes at a time.
    func holdsBackslash(in range: Range<Int>) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound {
            let word = littleEndianUInt64(at: offset) ^ (ones &* UInt64(UInt8(ascii: "\\")))
            if (word &- ones) & ~word & (ones &* 0x80) != 0 { return true }
            offset += 8
        }
        while offset < range.upperBound {
            if byte(at: offset) == UInt8(ascii: "\\") { return true }
            offset += 1
        }
        return false
    }
}

extension SHA256 {
    mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe update(bufferPointer: buffer)
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

    /// Lends the elements as raw bytes.
    @inline(__always)
    func withRawBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe span.bytes)
    }
}

/// Fixed-width integers in the engine's files are little-endian.
extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        var rest = value.littleEndian
        unsafe Swift.withUnsafeBytes(of: &rest) { unsafe append(contentsOf: $0) }
    }

    /// Appends the length of `bytes` as 32 bits, then `bytes`.
    mutating func append(lengthPrefixed bytes: [UInt8]) {
        append(littleEndian: UInt32(bytes.count))
        append(contentsOf: bytes)
    }

    /// Writes `value` over the four bytes at `offset`.
    mutating func store(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    }
}

/// Reads fixed-width fields one after the other; a read past the end gives `nil`, never a trap.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var remaining: Int { bytes.count - offset }

    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self) -> Value? {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { return nil }
        // In bounds by the check above, and every bit pattern is a valid integer.
        let value = unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += size
        return Value(littleEndian: value)
    }

    /// The range of the next `count` bytes, which are skipped.
    mutating func skip(_ count: Int) -> Range<Int>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { offset += count }
        return offset..<(offset + count)
    }

    /// A 32-bit length and that many bytes, copied.
    mutating func readLengthPrefixed() -> [UInt8]? {
        guard let length = read(UInt32.self), let range = skip(Int(length)) else { return nil }
        return [UInt8](bytes[range])
    }
}

/// Builds protobuf messages by appending fields.
///
/// Writes what it is told: leaving out default values, and writing fields in the order of their numbers, is the
/// caller's business. https://protobuf.dev/programming-guides/encoding/
package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func varint(_ number: UInt32, _ value: UInt64) {
        append(tag: number, .varint)
        append(varint: value)
    }

    package mutating func fixed64(_ number: UInt32, _ value: UInt64) {
        append(tag: number, .fixed64)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    package mutating func fixed32(_ number: UInt32, _ value: UInt32) {
        append(tag: number, .fixed32)
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    package mutating func double(_ number: UInt32, _ value: Double) {
        fixed64(number, value.bitPattern)
    }

    package mutating func string(_ number: UInt32, _ value: String) {
        append(tag: number, .lengthDelimited)
        append(varint: UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// A bytes field, or a string or sub-message that is already encoded.
    package mutating func content(_ number: UInt32, _ value: RawSpan) {
        append(tag: number, .lengthDelimited)
        append(varint: UInt64(value.byteCount))
        bytes.append(copying: value)
    }

    /// A sub-message, or any other length-delimited field, that `body` writes.
    ///
    /// One byte is kept for the length, enough for most messages; a longer message is moved to make room.
    package mutating func message<Failure: Error>(
        _ number: UInt32, _ body: (inout WireWriter) throws(Failure) -> Void
    ) throws(Failure) {
        append(tag: number, .lengthDelimited)
        let start = bytes.count
        bytes.append(0)
        try body(&self)
        var length = bytes.count - start - 1
        let extraBytes = (length.bitWidth - 1 - max(length, 1).leadingZeroBitCount) / 7
        if extraBytes > 0 {
            bytes.insert(contentsOf: repeatElement(0, count: extraBytes), at: start)
        }
        for index in start..<start + extraBytes {
            bytes[index] = UInt8(truncatingIfNeeded: length) | 0x80
            length >>= 7
        }
        bytes[start + extraBytes] = UInt8(truncatingIfNeeded: length)
    }

    /// One byte of content, within the body of `message`.
    package mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    /// Fields that are already encoded, tags included.
    package mutating func fields(_ encoded: RawSpan) {
        bytes.append(copying: encoded)
    }

    @inline(__always)
    private mutating func append(tag number: UInt32, _ wireType: WireType) {
        append(varint: UInt64(number) << 3 | UInt64(wireType.rawValue))
    }

    @inline(__always)
    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

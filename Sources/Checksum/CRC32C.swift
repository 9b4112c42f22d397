internal import CISAL

/// CRC-32C, the Castagnoli checksum of iSCSI (https://www.rfc-editor.org/rfc/rfc3720#section-12.1), computed by ISA-L
/// with whatever instructions the processor has.
///
/// A checksum of nothing is 0, and feeding bytes in several pieces gives the checksum of the whole.
package struct CRC32C: Sendable {
    /// ISA-L works on the bare register: the standard wants it to start as ones and to be inverted at the end.
    private var register: UInt32 = ~0

    package init() {}

    /// The checksum of everything fed so far.
    package var value: UInt32 { ~register }

    package mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var offset = 0
            while offset < buffer.count {
                // The length is a C `int`.
                let length = Int32(clamping: buffer.count - offset)
                // The C parameter is not `const`, but the function only reads.
                let start = unsafe UnsafeMutableRawPointer(mutating: base + offset)
                register = unsafe crc32_iscsi(start.assumingMemoryBound(to: UInt8.self), length, register)
                offset += Int(length)
            }
        }
    }

    package static func checksum(_ bytes: RawSpan) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(bytes)
        return checksum.value
    }
}

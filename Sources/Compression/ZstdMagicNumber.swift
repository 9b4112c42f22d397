/// The first four bytes of a zstd frame, collected one by one
/// (https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1).
struct ZstdMagicNumber {
    private static let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    /// The lower half of the first byte is free (https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2).
    private static let skippableFrame: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]

    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }
    var isWhole: Bool { bytes.count == Self.frame.count }

    /// - Throws: `CompressionError` with the code `corrupt` as soon as no frame begins like this.
    mutating func append(_ byte: UInt8) throws(CompressionError) {
        bytes.append(byte)
        var masked = bytes
        masked[0] &= 0xF0
        guard Self.frame.starts(with: bytes) || Self.skippableFrame.starts(with: masked) else {
            throw CompressionError(.corrupt)
        }
    }
}

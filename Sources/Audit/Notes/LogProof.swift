/// Proof in one text that an entry is in a log: its index, its path, and the checkpoint that the path ends in.
///
/// https://c2sp.org/tlog-proof
package struct LogProof: Equatable, Sendable {
    private static let header = "c2sp.org/tlog-proof@v1"
    /// No log of less than 2^64 leaves has a longer path.
    private static let pathCountMax = 64

    package let index: UInt64
    package let inclusion: InclusionProof
    /// The checkpoint's signed note, byte for byte.
    package let note: String

    package init(index: UInt64, inclusion: InclusionProof, note: String) {
        self.index = index
        self.inclusion = inclusion
        self.note = note
    }

    package var text: String {
        let path = inclusion.path.map { Base64.encode($0.bytes) + "\n" }.joined()
        return "\(Self.header)\nindex \(index)\n\(path)\n\(note)"
    }

    /// Reads the part before the checkpoint, which is left as it stands. An `extra` line is refused.
    ///
    /// - Throws: `invalidProof`.
    package init(text: String) throws(AuditError) {
        let bytes = Array(text.utf8)
        guard let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A }) else {
            throw AuditError(.invalidProof, "the log proof has no checkpoint")
        }
        let lines = bytes[..<end].split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard (2...Self.pathCountMax + 2).contains(lines.count), lines[0].utf8.elementsEqual(Self.header.utf8),
            let index = UInt64(lines[1].dropFirst("index ".count)), lines[1].utf8.elementsEqual("index \(index)".utf8)
        else { throw AuditError(.invalidProof, "the log proof doesn't begin as one") }
        var path: [SHA256Digest] = []
        for line in lines[2...] {
            guard let hash = Base64.decode(line).flatMap(SHA256Digest.init(bytes:)) else {
                throw AuditError(.invalidProof, "a line of the log proof's path is not a hash")
            }
            path.append(hash)
        }
        self.init(
            index: index, inclusion: InclusionProof(path: path),
            note: String(decoding: bytes[(end + 2)...], as: UTF8.self))
    }
}

import Audit
import Sodium
import Testing

/// https://c2sp.org/signed-note
struct SignedNoteTests {
    private let text = "one\n\nthree\n"
    private let signer: Ed25519SigningKey
    private let key: NoteKey
    private let note: String

    init() throws {
        signer = try Ed25519SigningKey(seed: [UInt8](repeating: 5, count: 32))
        key = try #require(NoteKey(name: "log.test/a", publicKey: signer.publicKey))
        note = SignedNote(signing: text, by: signer, as: key).description
    }

    private var signatureLine: String { String(note.dropFirst(text.count + 1)) }

    private func verify(_ note: String, _ keys: [NoteKey]) throws -> [NoteKey] {
        try SignedNote(note).verify(by: keys)
    }

    @Test func `a signed note is verified by its key, empty lines in its text included`() throws {
        #expect(try SignedNote(note).text == text)
        #expect(try verify(note, [key]) == [key])
    }

    /// The first is the key of Go's checksum database. https://go.dev/ref/mod#checksum-database
    @Test func `a key's text form is read, its id checked`() throws {
        let goKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
        #expect(NoteKey(verifierKey: goKey)?.name == "sum.golang.org")
        #expect(NoteKey(verifierKey: key.verifierKey) == key)
        for index in key.verifierKey.indices {
            var changed = key.verifierKey
            changed.replaceSubrange(index...index, with: changed[index] == "0" ? "1" : "0")
            #expect(NoteKey(verifierKey: changed) == nil)
            #expect(NoteKey(verifierKey: String(key.verifierKey[..<index])) == nil)
        }
    }

    @Test func `signatures by unknown keys are ignored, even under a known name`() throws {
        let other = try Ed25519SigningKey()
        let namesake = try #require(NoteKey(name: key.name, publicKey: other.publicKey))
        let foreign = SignedNote(signing: text, by: other, as: namesake).description.dropFirst(text.count + 1)
        #expect(try verify(note + foreign, [key]) == [key])
        #expect(try verify(note + foreign, [namesake, key]) == [namesake, key])
        #expect(try verify(note, [namesake]) == [])
        #expect(try verify(note, []) == [])
    }

    @Test func `a wrong signature by a known key spoils the note, beside a good one too`() throws {
        let wrong = SignedNote(signing: "other\n", by: signer, as: key).description.dropFirst("other\n\n".count)
        #expect(throws: AuditError.self) { try verify("\(text)\n\(wrong)", [key]) }
        #expect(throws: AuditError.self) { try verify(note + wrong, [key]) }
        #expect(throws: AuditError.self) { try verify("x" + note, [key]) }
    }

    @Test func `the same signature twice is one signer`() throws {
        #expect(try verify(note + signatureLine, [key, key]) == [key])
    }

    @Test func `sixteen signatures are read and more than a hundred refused`() throws {
        func signed(_ count: Int) -> String { text + "\n" + String(repeating: signatureLine, count: count) }
        #expect(try verify(signed(16), [key]) == [key])
        #expect(try verify(signed(100), [key]) == [key])
        #expect(throws: AuditError.self) { try SignedNote(signed(101)) }
    }

    @Test func `what is no note is refused`() {
        let mutants = [
            "", text, text + "\n", String(note.dropLast()), "\u{1}" + note, "\r\n" + note, note + "\n",
            note + "Unexpected line.\n", text + signatureLine, text + "\n\u{2014} Bad Name AAAAAAA=\n",
            text + "\n\u{2014} a+b AAAAAAA=\n", text + "\n- a AAAAAAA=\n", text + "\n\u{2014} a AAAA\n",
            text + "\n\u{2014} a\u{A0}b AAAAAAA=\n", text + "\n\u{2014}  AAAAAAA=\n",
        ]
        for mutant in mutants {
            #expect(throws: AuditError.self) { try SignedNote(mutant) }
        }
    }
}

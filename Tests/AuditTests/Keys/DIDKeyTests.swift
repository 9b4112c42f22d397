import Audit
import Sodium
import Testing

struct DIDKeyTests {
    /// https://w3c-ccg.github.io/did-key-spec/#ed25519-x25519, seed of zeros.
    @Test func `a key is written as the method lays down`() throws {
        let key = try Ed25519SigningKey(seed: [UInt8](repeating: 0, count: 32)).publicKey
        #expect(DIDKey.text(of: key) == "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
    }

    @Test func `a key's row says what became of it`() throws {
        let log = try TestLog()
        let add = try KeyEvent.adding(log.log.publicKey, as: .log, origin: log.origin, at: TestLog.time)
        let revoke = try KeyEvent(
            origin: log.origin, role: .log, keyID: add.keyID, action: .revoke(reason: "stolen", compromisedSince: 6),
            time: TestLog.time)
        let active = try #require(try KeyHistory(events: [(2, add)]).entries.first).json(origin: log.origin)
        let revoked = try #require(try KeyHistory(events: [(2, add), (9, revoke)]).entries.first)
            .json(origin: log.origin)
        #expect(active["status"] == "active")
        #expect(active["added_index"] == "2")
        #expect(active["ended_index"] == nil)
        #expect(active["vkey"]?.string.flatMap(NoteKey.init(verifierKey:))?.name == log.origin)
        #expect(revoked["status"] == "revoked")
        #expect(revoked["ended_index"] == "9")
        #expect(revoked["compromised_since"] == "6")
    }
}

struct TrustPolicyTests {
    private let key = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"

    @Test func `roots are read one a line, with comments`() throws {
        let roots = try TrustPolicy.roots(in: "# mine\n\n  \(key)  # root\r\n\(key)")
        #expect(roots.count == 2)
        #expect(try TrustPolicy.roots(in: "# none\n").isEmpty)
    }

    @Test func `a line that is no good key spoils the list`() {
        for line in [
            key.uppercased(), String(key.dropLast()), "\(key) \(key)", String(repeating: "0", count: 64), "x",
        ] {
            #expect(throws: AuditError.self) { try TrustPolicy.roots(in: "\(key)\n\(line)\n") }
        }
    }
}

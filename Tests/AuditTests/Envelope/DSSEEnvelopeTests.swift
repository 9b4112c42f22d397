import Audit
import Sodium
import Testing

struct DSSEEnvelopeTests {
    private let key: Ed25519SigningKey
    private let envelope: DSSEEnvelope

    init() throws {
        key = try Ed25519SigningKey(seed: [UInt8](0..<32))
        envelope = DSSEEnvelope(signing: Array("{}".utf8), by: key)
    }

    /// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md#test-vectors
    @Test func `what is signed names the lengths of type and body`() {
        let encoding = DSSEEnvelope.preAuthenticationEncoding(
            type: "http://example.com/HelloWorld", body: Array("hello world".utf8))
        #expect(encoding == Array("DSSEv1 29 http://example.com/HelloWorld 11 hello world".utf8))
        let bytes = DSSEEnvelope.preAuthenticationEncoding(type: "é", body: [])
        #expect(bytes == Array("DSSEv1 2 é 0 ".utf8))
    }

    @Test func `an envelope reads back as it was written and is signed by its key alone`() throws {
        let read = try DSSEEnvelope(envelope.json)
        #expect(read == envelope)
        #expect(read.isSigned(by: key.publicKey))
        #expect(!read.isSigned(by: try Ed25519SigningKey().publicKey))
    }

    @Test func `a signature under another key's name is not that key's`() throws {
        let path: [JSONStep] = [.member("signatures"), .element(0), .member("keyid")]
        let renamed = envelope.json.replacing(path[...], with: .string(String(repeating: "0", count: 64)))
        #expect(try !DSSEEnvelope(renamed).isSigned(by: key.publicKey))
    }

    @Test func `two signatures, none, or base64 in another spelling are refused`() {
        let signature = envelope.json[[.member("signatures"), .element(0)]]
        let sig: [JSONStep] = [.member("signatures"), .element(0), .member("sig")]
        let text = envelope.json[sig[...]].string ?? ""
        let mutants = [
            envelope.json.replacing([.member("signatures")], with: .array([signature, signature])),
            envelope.json.replacing([.member("signatures")], with: []),
            envelope.json.replacing([.member("payload")], with: "e30"),
            envelope.json.replacing([.member("payload")], with: "e31="),
            envelope.json.replacing([.member("payload")], with: "e30=\n"),
            envelope.json.replacing([.member("payload")], with: "e-0="),
            envelope.json.replacing(sig[...], with: .string(String(text.dropLast(4)))),
        ]
        for mutant in mutants {
            #expect(throws: AuditError.self) { try DSSEEnvelope(mutant) }
        }
    }
}

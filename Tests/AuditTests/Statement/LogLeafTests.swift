import Audit
import Sodium
import Testing

struct LogLeafTests {
    @Test func `a leaf holds a digest and a signature, and nothing of the statement`() throws {
        let key = try Ed25519SigningKey(seed: [UInt8](repeating: 3, count: 32))
        let envelope = DSSEEnvelope(signing: Array("secret".utf8), by: key)
        let leaf = LogLeaf(of: envelope, type: .assertion)
        let object = try #require(try JSONParser.parse(leaf.bytes).object)
        #expect(object.names == ["k", "p", "s", "t", "v"])
        #expect(object["k"] == .string(KeyID(of: key.publicKey).text))
        #expect(object["p"] == .string(SHA256Digest(of: envelope.preAuthenticationEncoding).hexadecimal))
        #expect(object["t"] == "assert")
        #expect(object["v"] == 1)
        #expect(leaf.hash == MerkleHash.leaf(leaf.bytes))
    }

    @Test func `every receipt names the one before it`() throws {
        let signature = try Ed25519SigningKey(seed: [UInt8](repeating: 3, count: 32)).signature(for: [])
        #expect(ReceiptChain.start == String(repeating: "0", count: 64))
        #expect(ReceiptChain.link(after: signature) == SHA256Digest(of: signature.bytes).hexadecimal)
    }
}

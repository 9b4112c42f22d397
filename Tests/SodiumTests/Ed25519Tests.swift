import Sodium
import Testing

struct Ed25519Tests {
    private func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).compactMap {
            UInt8(hexadecimal.dropFirst($0).prefix(2), radix: 16)
        }
    }

    /// https://www.rfc-editor.org/rfc/rfc8032#section-7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `keys and signatures are those of the standard`(
        seed: String, publicKey: String, message: String, signature: String
    ) throws {
        let key = try Ed25519SigningKey(seed: bytes(seed))
        #expect(key.publicKey.bytes == bytes(publicKey))
        #expect(key.signature(for: bytes(message)).bytes == bytes(signature))
        #expect(key.withSeed { $0 == bytes(seed) })
    }

    @Test func `a signature is of one message by one key`() throws {
        let key = try Ed25519SigningKey()
        let signature = key.signature(for: [1, 2, 3])
        #expect(key.publicKey.isStrictlyValid)
        #expect(key.publicKey.isValid(signature, for: [1, 2, 3]))
        #expect(!key.publicKey.isValid(signature, for: [1, 2]))
        #expect(try !Ed25519SigningKey().publicKey.isValid(signature, for: [1, 2, 3]))
        for index in 0..<64 {
            var changed = signature.bytes
            changed[index] ^= 1 << UInt8(index % 8)
            let mutant = try #require(Ed25519Signature(bytes: changed))
            #expect(!key.publicKey.isValid(mutant, for: [1, 2, 3]))
        }
    }

    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ])
    func `keys of small order, off the curve or in another spelling are not good ones`(key: String) throws {
        let key = try #require(Ed25519PublicKey(bytes: bytes(key)))
        #expect(!key.isStrictlyValid)
    }

    @Test func `keys and signatures of another length are none`() {
        #expect(Ed25519PublicKey(bytes: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(Ed25519Signature(bytes: [UInt8](repeating: 1, count: 65)) == nil)
    }

    @Test func `a signing key is not printed`() throws {
        let key = try Ed25519SigningKey()
        #expect("\(key) \(String(reflecting: key))" == "<redacted> <redacted>")
        #expect(Mirror(reflecting: key).children.isEmpty)
    }
}

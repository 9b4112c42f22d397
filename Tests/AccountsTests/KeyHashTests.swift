import Database
import Foundation
import TestSupport
import Testing

@testable import Accounts

struct KeyHashTests {
    /// Computed with Python's `hmac`: HKDF of the bytes 0 to 31, then HMAC-SHA256 of the key's text.
    @Test func `a key's hash is HMAC-SHA256 under a key derived by HKDF`() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.createIfAbsent(path: folder + "/master.key", content: Array(0..<32))
            let masterKey = try MasterKey(readingFrom: folder + "/master.key")
            let key = try APIKey(parsing: "batchin_api_000000000000000000000000000RggtU1")
            guard case .blob(let bytes) = KeyHasher(masterKey: masterKey).hash(key).sqlValue else {
                Issue.record("a key hash is stored as bytes")
                return
            }
            let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
            #expect(hexadecimal == "d3f16ae53f496bc1e62b59f60fddd8c7f2478f57ac7293c68c8e231fc9da1f75")
        }
    }
}

import Database
import Foundation
import TestSupport
import Testing

@testable import Accounts

struct KeyedHashTests {
    /// Computed with Python's `hmac`: HKDF of the bytes 0 to 31, then HMAC-SHA256 of the secret's text.
    @Test(arguments: [
        (
            "batchin_api_000000000000000000000000000RggtU1",
            "d3f16ae53f496bc1e62b59f60fddd8c7f2478f57ac7293c68c8e231fc9da1f75"
        ),
        (
            "batchin_session_000000000000000000000000000SQ0FSC",
            "8e376cfcbecdd81def3fe4b1f562249c7ee78824080f3dd50a700b81d34bfb42"
        ),
    ])
    func `a secret's hash is HMAC-SHA256 under a key derived by HKDF for its kind`(
        text: String, expected: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.createIfAbsent(path: folder + "/master.key", content: Array(0..<32))
            let masterKey = try MasterKey(readingFrom: folder + "/master.key")
            let secret = try BearerSecret(parsing: text)
            guard case .blob(let bytes) = BearerHasher(masterKey: masterKey).hash(secret).sqlValue else {
                Issue.record("a hash is stored as bytes")
                return
            }
            #expect(bytes.map { String(format: "%02x", $0) }.joined() == expected)
        }
    }
}

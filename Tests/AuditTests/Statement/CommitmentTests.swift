import Audit
import Testing

struct CommitmentTests {
    /// Computed with Python's hashlib and hmac.
    @Test func `salts and commitments are those of the formula`() throws {
        let key = try #require(RecordKey(bytes: [UInt8](0..<32)))
        let salt = key.salt(for: .input)
        let commitment = CommitmentField.input.commitment(to: SHA256Digest(of: "hello"), salt: salt)
        #expect(
            salt.bytes == [
                0xDE, 0x22, 0x6F, 0x53, 0x73, 0xB6, 0x06, 0x7A, 0xBD, 0x0D, 0xD9, 0x58, 0xF2, 0x9D, 0xDB, 0x94,
            ])
        #expect(commitment.hexadecimal == "63499c566c650f1c1d2f59cb4474c00e39a794372102a61c112d3966ee4abe17")
    }

    @Test func `a record's fields have different salts and commitments`() throws {
        let key = try #require(RecordKey(bytes: [UInt8](0..<32)))
        #expect(Set(CommitmentField.allCases.map { key.salt(for: $0) }).count == CommitmentField.allCases.count)
        let salt = key.salt(for: .input)
        let digest = SHA256Digest(of: "x")
        #expect(
            CommitmentField.input.commitment(to: digest, salt: salt)
                != CommitmentField.output.commitment(to: digest, salt: salt))
    }

    @Test func `a record key is not printed`() throws {
        let key = try #require(RecordKey(bytes: [UInt8](repeating: 77, count: 32)))
        #expect("\(key) \(String(reflecting: key))" == "<redacted> <redacted>")
        #expect(Mirror(reflecting: key).children.isEmpty)
    }

    @Test func `details have the members of the format and no others`() throws {
        #expect(try RunDetails(.stub).json == JSONValue.stub.object)
        let required = ["tenant", "tenant_seq", "prev_receipt", "received_at", "completed_at"]
        for path in JSONValue.stub.paths where path.count == 1 {
            let without = JSONValue.stub.replacing(path[...], with: nil)
            #expect(((try? RunDetails(without)) == nil) == required.contains(path[0].description))
            #expect(throws: AuditError.self) { try RunDetails(JSONValue.stub.replacing(path[...], with: .null)) }
        }
        for (path, value): ([JSONStep], JSONValue) in [
            ([.member("stranger")], "x"), ([.member("tenant_seq")], "01"), ([.member("tenant_seq")], 1),
            ([.member("usage"), .member("input_tokens")], "22"), ([.member("usage"), .member("input_tokens")], -1),
            ([.member("cost"), .member("nanos")], 5), ([.member("cost"), .member("stranger")], "x"),
            ([.member("claims"), .member("gpu_id")], .null), ([.member("refused"), .member("401")], "1"),
        ] {
            #expect(throws: AuditError.self) { try RunDetails(JSONValue.stub.replacing(path[...], with: value)) }
        }
    }
}

import Crypto
import Foundation
import TestSupport
import Testing

@testable import Accounts

struct MasterKeyTests {
    private func make(_ path: String) throws -> MasterKey {
        var generator = SystemRandomNumberGenerator()
        return try MasterKey(readingOrCreatingAt: path, using: &generator)
    }

    private func fingerprint(_ key: MasterKey) -> SymmetricKey { key.derivedKey(for: "test") }

    @Test func `a new key is its owner's only, in a folder that is too`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/secrets/master.key"
            let made = try make(path)
            #expect(try mode(of: path) == 0o600)
            #expect(try mode(of: folder + "/secrets") == 0o700)
            #expect(try Data(contentsOf: URL(filePath: path)).count == 32)
            let read = try MasterKey(readingFrom: path)
            #expect(fingerprint(read) == fingerprint(made))
        }
    }

    @Test func `an existing key is kept`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/master.key"
            let first = try make(path)
            let second = try make(path)
            #expect(fingerprint(first) == fingerprint(second))
        }
    }

    @Test func `starting at once gives everyone the same key`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/secrets/master.key"
            let keys = try await withThrowingTaskGroup(of: MasterKey.self) { group in
                for _ in 0..<16 { group.addTask { try make(path) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(keys.count == 16)
            #expect(keys.allSatisfy { fingerprint($0) == fingerprint(keys[0]) })
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o610])
    func `a key that others may use is refused`(mode: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/master.key"
            _ = try make(path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let error = #expect(throws: AccountsError.self) { try make(path) }
            #expect(error?.code == .masterKey)
            #expect(error?.description.contains(String(mode, radix: 8)) == true)
        }
    }

    @Test(arguments: [0, 31, 33, 64])
    func `a key of another length is refused`(count: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/master.key"
            _ = try make(path)
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.truncate(atOffset: UInt64(count))
            let error = #expect(throws: AccountsError.self) { try make(path) }
            #expect(error?.description.contains("holds \(count)") == true)
        }
    }

    @Test func `what is no file is refused`() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: AccountsError(.masterKey, "")) { try MasterKey(readingFrom: folder) }
            #expect(throws: AccountsError(.masterKey, "")) { try MasterKey(readingFrom: folder + "/none") }
            #expect(throws: AccountsError(.masterKey, "")) { try make(folder + "/no/such/folder/master.key") }
        }
    }

    @Test func `keys for other purposes and of other installations differ`() async throws {
        try await withTemporaryFolder { folder in
            let key = try make(folder + "/one")
            let other = try make(folder + "/other")
            #expect(key.derivedKey(for: "a") != key.derivedKey(for: "b"))
            #expect(key.derivedKey(for: "a") != other.derivedKey(for: "a"))
            var dumped = "\(key) \(String(reflecting: key))"
            dump(key, to: &dumped)
            #expect(dumped.allSatisfy { !$0.isNumber } && dumped.contains("<redacted>"))
        }
    }
}

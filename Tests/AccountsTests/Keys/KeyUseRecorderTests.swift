import Database
import Dispatch
import TestSupport
import Testing

@testable import Accounts

@Suite(.timeLimit(.minutes(2)))
struct KeyUseRecorderTests {
    private func lastUses(_ installation: Installation) async throws -> [UUIDv7: Int64?] {
        let records = try await installation.store.keys()
        return Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.lastUsedAt) })
    }

    @Test(arguments: TestEngine.allCases)
    func `a use is known here at once, and to everyone after it is written`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let used = try await installation.makeKey().record.id
            let unused = try await installation.makeKey().record.id
            installation.keyUses.recordUse(of: used)
            installation.clock.advance(by: 5)
            installation.keyUses.recordUse(of: used)
            #expect(installation.keyUses.lastUse(of: used) == installation.clock.now)
            #expect(installation.keyUses.lastUse(of: unused) == nil)
            var written = try await lastUses(installation)
            #expect(written == [used: nil, unused: nil])
            try await installation.keyUses.flush()
            written = try await lastUses(installation)
            #expect(written == [used: installation.clock.now, unused: nil])
            #expect(installation.keyUses.lastUse(of: used) == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `the last use never moves back`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            let key = try await one.makeKey().record.id
            one.keyUses.recordUse(of: key)
            one.clock.advance(by: 10)
            other.keyUses.recordUse(of: key)
            let last = one.clock.now
            one.clock.advance(by: -20)
            other.keyUses.recordUse(of: key)
            #expect(other.keyUses.lastUse(of: key) == last)
            try await other.keyUses.flush()
            try await one.keyUses.flush()
            let written = try await lastUses(one)
            #expect(written == [key: last])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `uses of very many keys are written, each its own`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let user = try await installation.store.findOrCreateUser(email: "a@b")
            var expected: [UUIDv7: Int64?] = [:]
            for _ in 0..<450 {
                let key = try await installation.store.createKey(forUser: user.id, name: "").record.id
                installation.clock.advance(by: 1)
                installation.keyUses.recordUse(of: key)
                expected[key] = installation.clock.now
            }
            try await installation.keyUses.flush()
            let written = try await lastUses(installation)
            #expect(written == expected)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `what can't be written is kept for the next time`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let key = try await installation.makeKey().record.id
            installation.keyUses.recordUse(of: key)
            try await installation.database.execute("ALTER TABLE api_keys RENAME TO hidden")
            await #expect(throws: AccountsError(.database, "")) { try await installation.keyUses.flush() }
            #expect(installation.keyUses.lastUse(of: key) == installation.clock.now)
            try await installation.database.execute("ALTER TABLE hidden RENAME TO api_keys")
            try await installation.keyUses.flush()
            let written = try await lastUses(installation)
            #expect(written == [key: installation.clock.now])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a use while others are written is kept`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            let key = try await one.makeKey().record.id
            one.keyUses.recordUse(of: key)
            let isWriting = DispatchSemaphore(value: 0)
            let isDone = DispatchSemaphore(value: 0)
            let obstacle = Task {
                try await other.database.write(holding: [KeyUseRecorder.lock]) { _ in
                    isWriting.signal()
                    isDone.wait()
                }
            }
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "test").async {
                    isWriting.wait()
                    continuation.resume()
                }
            }
            // It has begun, and can't end yet.
            let flush = Task.immediate { try await one.keyUses.flush() }
            one.clock.advance(by: 1)
            one.keyUses.recordUse(of: key)
            isDone.signal()
            try await obstacle.value
            try await flush.value
            #expect(one.keyUses.lastUse(of: key) == one.clock.now)
            let written = try await lastUses(one)
            #expect(written == [key: one.clock.now - 1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `writing is no news to anybody`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let key = try await installation.makeKey().record.id
            await installation.untilChangesAreHeard()
            let before = installation.database.changeToken(for: .credentials)
            installation.keyUses.recordUse(of: key)
            try await installation.keyUses.flush()
            #expect(installation.database.changeToken(for: .credentials) == before)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a key that is gone is no obstacle to the others`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let key = try await installation.makeKey().record.id
            let gone = try await installation.makeKey().record.id
            for key in [gone, key] { installation.keyUses.recordUse(of: key) }
            try await installation.database.execute("DELETE FROM api_keys WHERE id = \(gone)")
            try await installation.keyUses.flush()
            let written = try await lastUses(installation)
            #expect(written == [key: installation.clock.now])
            #expect(installation.keyUses.lastUse(of: gone) == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `at most so many keys are remembered`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let clock = installation.clock
            let recorder = KeyUseRecorder(database: installation.database, keyCountMax: 2) { clock.now }
            var generator = SystemRandomNumberGenerator()
            let keys = (0..<3).map { UUIDv7(milliseconds: $0, using: &generator) }
            for key in keys { recorder.recordUse(of: key) }
            clock.advance(by: 1)
            recorder.recordUse(of: keys[0])
            #expect(keys.map(recorder.lastUse) == [clock.now, clock.now - 1, nil])
            try await recorder.flush()
            recorder.recordUse(of: keys[2])
            #expect(recorder.lastUse(of: keys[2]) == clock.now)
        }
    }
}

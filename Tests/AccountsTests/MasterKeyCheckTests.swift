import Database
import TestSupport
import Testing

@testable import Accounts

struct MasterKeyCheckTests {
    @Test(arguments: TestEngine.allCases)
    func `a database belongs to the master key it was first opened with`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            let none = try await AccountStore.hasMasterKeyCheck(installation.database)
            #expect(!none)
            for _ in 0..<2 { try await installation.store.checkMasterKey() }
            let some = try await AccountStore.hasMasterKeyCheck(installation.database)
            #expect(some)
            try await withMasterKey { otherKey in
                let other = Installation(database: installation.database, masterKey: otherKey)
                let error = await #expect(throws: AccountsError.self) { try await other.store.checkMasterKey() }
                #expect(error?.code == .masterKey)
                #expect(error?.message == "this is not the master key that this database was made with")
            }
            try await installation.store.checkMasterKey()
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `a database with users from before takes the key it is opened with`(engine: TestEngine) async throws {
        try await withInstallation(engine) { installation in
            _ = try await installation.makeKey()
            try await installation.store.checkMasterKey()
            let some = try await AccountStore.hasMasterKeyCheck(installation.database)
            #expect(some)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func `of two keys that come at once one is right`(engine: TestEngine) async throws {
        try await withTwoProcesses(engine) { one, other in
            try await withMasterKey { otherKey in
                let stranger = Installation(database: other.database, masterKey: otherKey)
                let outcomes = await withTaskGroup(of: Result<Void, AccountsError>.self) { group in
                    for installation in [one, stranger] {
                        group.addTask { () async -> Result<Void, AccountsError> in
                            do throws(AccountsError) {
                                return .success(try await installation.store.checkMasterKey())
                            } catch {
                                return .failure(error)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let refusals = outcomes.compactMap { if case .failure(let error) = $0 { error } else { nil } }
                #expect(refusals == [AccountsError(.masterKey, "")])
            }
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Database

struct PrivateFileTests {
    @Test func `a new file is its owner's only and leaves nothing beside it`() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.createIfAbsent(path: folder + "/secret", content: [1, 2, 3])
            #expect(try Data(contentsOf: URL(filePath: folder + "/secret")) == Data([1, 2, 3]))
            #expect(try mode(of: folder + "/secret") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["secret"])
        }
    }

    @Test(arguments: 0..<50)
    func `of many creators one wins, and all see its content`(round: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/secret"
            let seen = try await withThrowingTaskGroup(of: Data.self) { group in
                for number in UInt8(0)..<16 {
                    group.addTask {
                        try PrivateFile.createIfAbsent(path: path, content: [number])
                        return try Data(contentsOf: URL(filePath: path))
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(seen.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["secret"])
        }
    }

    @Test func `a folder that does not exist is an error without its path`() async throws {
        let error = #expect(throws: DatabaseError.self) {
            try PrivateFile.createIfAbsent(path: "/nowhere/at/all")
        }
        #expect(error?.code == .inputOutput)
        #expect(error?.description.contains("nowhere") == false)
    }
}

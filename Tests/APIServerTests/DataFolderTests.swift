import Foundation
import Testing

@testable import APIServer

struct DataFolderTests {
    @Test func `a new data folder is for its owner only, what leads to it is not`() throws {
        let folder = try TemporaryFolder()
        #expect(try DataFolder(creatingAt: folder.path("a/b/data/")).path == folder.path("a/b/data/"))
        #expect(try folder.mode("a/b/data") == 0o700)
        #expect(try folder.mode("a/b") == 0o755)
    }

    @Test func `a folder that exists is taken as it is`() throws {
        let folder = try TemporaryFolder()
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o750]
        try FileManager.default.createDirectory(
            atPath: folder.path("data"), withIntermediateDirectories: false, attributes: attributes)
        _ = try DataFolder(creatingAt: folder.path("data"))
        #expect(try folder.mode("data") == 0o750)
    }

    @Test(arguments: ["file", "file/data"])
    func `a file in the way is an error that names it`(name: String) throws {
        let folder = try TemporaryFolder()
        try "x".write(toFile: folder.path("file"), atomically: true, encoding: .utf8)
        let error = #expect(throws: StartError.self) { try DataFolder(creatingAt: folder.path(name)) }
        #expect(error?.code == .dataFolder)
        #expect(error?.message.contains(folder.path("file")) == true)
    }
}

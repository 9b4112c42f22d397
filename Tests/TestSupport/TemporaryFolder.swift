import Foundation
import Testing

/// Runs a test with a folder of its own, which is gone afterwards.
@discardableResult
package func withTemporaryFolder<Result>(_ body: (_ path: String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "batchin-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }  // What stays behind is in the temporary folder.
    return try await body(folder.path(percentEncoded: false))
}

/// The permission bits of a file.
package func mode(of path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

import Foundation

/// The files that the fuzzer starts from, which include every crash it ever found.
struct Corpus {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent()
        .appending(path: "../../Fuzz/corpus/wire")
        .standardizedFileURL

    static func files() throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { (name: $0.lastPathComponent, bytes: Array(try Data(contentsOf: $0))) }
    }
}

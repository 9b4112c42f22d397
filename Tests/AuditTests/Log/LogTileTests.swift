import Audit
import Testing

/// https://c2sp.org/tlog-tiles
struct LogTileTests {
    @Test(arguments: [
        ("tile/0/000", 0, 0, 256), ("tile/0/x001/x234/067", 0, 1_234_067, 256), ("tile/3/999.p/255", 3, 999, 255),
        ("tile/1/x001/000.p/1", 1, 1000, 1),
    ])
    func `a path is read and written alike`(path: String, level: Int, index: UInt64, width: Int) throws {
        let tile = try #require(LogTile(path: path))
        #expect(tile == LogTile(content: .hashes(level: level), index: index, width: width))
        #expect(tile.path == path)
    }

    @Test func `entries have a path of their own`() {
        #expect(LogTile(path: "tile/entries/x001/002.p/9") == LogTile(content: .entries, index: 1002, width: 9))
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/00/000", "tile/8/000",
        "tile/-1/000", "tile/+0/000", "tile/0/x000/001", "tile/0/x001/1", "tile/0/001/000", "tile/0/xx001/000",
        "tile/0/x001/x000", "tile/0/000.p", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000.p/+1", "tile/0/+01", "tile/data/000", "tile/0/x999/x999/x999/x999/x999/x999/999",
    ])
    func `any other spelling is no path`(path: String) {
        #expect(LogTile(path: path) == nil)
    }

    @Test func `the partial tiles of a size are those of the specification's examples`() {
        #expect(
            LogTile.partialTiles(ofLogOfSize: 70_000).map(\.path)
                == ["tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"])
        #expect(LogTile.partialTiles(ofLogOfSize: 256).map(\.path) == ["tile/1/000.p/1"])
        #expect(LogTile.partialTiles(ofLogOfSize: 0).isEmpty)
    }

    @Test func `a tile exists once the log has all of it`() throws {
        for (path, size) in [
            ("tile/0/000", 256), ("tile/0/001.p/3", 259), ("tile/entries/001", 512), ("tile/1/000.p/2", 512),
            ("tile/1/000", 65_536), ("tile/2/000.p/1", 65_536),
        ] {
            let tile = try #require(LogTile(path: path))
            #expect(tile.exists(inLogOfSize: UInt64(size)), "\(path)")
            #expect(!tile.exists(inLogOfSize: UInt64(size - 1)), "\(path)")
        }
    }

    @Test func `an entry stands behind its length`() {
        #expect(LogTile.bundled([7, 8]) == [0, 2, 7, 8])
        #expect(LogTile.bundled([UInt8](repeating: 0, count: 65_535))?.prefix(2) == [0xFF, 0xFF])
        #expect(LogTile.bundled([UInt8](repeating: 0, count: 65_536)) == nil)
    }
}

/// The address of one piece of a log as it is served: 256 hashes of one level, or 256 entries, or fewer at the log's edge.
///
/// https://c2sp.org/tlog-tiles
package struct LogTile: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// The hashes of subtrees of 256^level leaves; level 0 holds the hashes of the leaves.
        case hashes(level: Int)
        /// The leaves themselves.
        case entries
    }

    /// A tile spans so many levels of the tree.
    package static let heightBits = 8
    package static let widthMax = 1 << heightBits
    /// A log of 2^64 leaves would have no tile above this level.
    package static let levelMax = 7

    package let content: Content
    /// Counts the tiles of a level from the left.
    package let index: UInt64
    /// How many hashes or entries it holds, from 1 to 256.
    package let width: Int

    package var isPartial: Bool { width < Self.widthMax }

    /// - Returns: nil unless width and level are within their limits.
    package init?(content: Content, index: UInt64, width: Int = widthMax) {
        guard (1...Self.widthMax).contains(width) else { return nil }
        if case .hashes(let level) = content, !(0...Self.levelMax).contains(level) { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// The path behind the log's prefix, such as `tile/0/x001/x234/067.p/12`.
    package var path: String {
        let level =
            switch content {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        return "tile/\(level)/\(Self.text(of: index))" + (isPartial ? ".p/\(width)" : "")
    }

    /// Reads a path; nil unless it is the one spelling that `path` has.
    package init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0] == "tile" else { return nil }
        var indexParts = Array(parts[2...])
        var width = Self.widthMax
        if indexParts.count >= 2, indexParts[indexParts.count - 2].hasSuffix(".p") {
            guard let partial = Int(indexParts.removeLast()), partial < Self.widthMax else { return nil }
            width = partial
            indexParts[indexParts.count - 1].removeLast(2)
        }
        // Twenty digits are more than any index has; whatever else is wrong shows in the spelling.
        guard indexParts.count <= 7,
            let index = UInt64(indexParts.map { $0.drop { $0 == "x" } }.joined()),
            let content = parts[1] == "entries" ? .entries : Int(parts[1]).map(Content.hashes(level:)),
            let tile = Self(content: content, index: index, width: width), tile.path.utf8.elementsEqual(path.utf8)
        else { return nil }
        self = tile
    }

    /// An index in groups of three digits, all but the last led by an x.
    private static func text(of index: UInt64) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            groups.append(String(repeating: "0", count: 3 - digits.count) + digits)
            rest /= 1000
        } while rest > 0
        return groups.reversed().enumerated()
            .map { $0.offset < groups.count - 1 ? "x" + $0.element : $0.element }
            .joined(separator: "/")
    }
}

extension LogTile {
    /// Whether a log of this size has all that the tile holds.
    package func exists(inLogOfSize size: UInt64) -> Bool {
        let level =
            switch content {
            case .hashes(let level): level
            case .entries: 0
            }
        let count = size >> UInt64(8 * level)
        let (full, rest) = (count >> 8, count & 0xFF)
        return index < full || index == full && UInt64(width) <= rest
    }

    /// The numbers of the hashes or entries that it holds, among those of its level.
    package var range: Range<UInt64> { index << 8..<index << 8 + UInt64(width) }

    /// The tiles that a log of this size has only in part: those of its right edge.
    package static func partialTiles(ofLogOfSize size: UInt64) -> [LogTile] {
        var tiles: [LogTile] = []
        for level in 0...levelMax {
            let count = size >> UInt64(8 * level)
            let width = Int(count & 0xFF)
            if let tile = LogTile(content: .hashes(level: level), index: count >> 8, width: width) {
                tiles.append(tile)
            }
            if level == 0, let tile = LogTile(content: .entries, index: count >> 8, width: width) { tiles.append(tile) }
        }
        return tiles
    }

    /// An entry as it stands in a bundle: behind its length in two bytes.
    ///
    /// - Returns: nil if it is longer than two bytes can say.
    package static func bundled(_ entry: [UInt8]) -> [UInt8]? {
        guard let length = UInt16(exactly: entry.count) else { return nil }
        return [UInt8(length >> 8), UInt8(length & 0xFF)] + entry
    }
}

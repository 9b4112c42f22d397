import Audit
import Database

extension LogAudit {
    /// Appends a leaf to the tree that is built anew, and compares what it completes with what is stored.
    func append(_ entry: [UInt8], to progress: inout Progress) throws(DatabaseError) {
        let hash = MerkleHash.leaf(entry)
        progress.leafHashes.append(hash)
        for (level, index, root) in progress.frontier.appendCompletingTiles(leafHash: hash) {
            if level == 1 {
                try checkLeaves(ofTile: index, &progress)
                progress.leafHashes.removeAll(keepingCapacity: true)
            }
            let place = Int(index & UInt64(LogTile.widthMax - 1))
            let siblings = try tile(level: level, index: index >> UInt64(LogTile.heightBits))
            guard place >= siblings.count || siblings[place] != root || siblings.count > LogTile.widthMax else {
                continue
            }
            let first = index << UInt64(LogTile.heightBits * level)
            let last = first + 1 << UInt64(LogTile.heightBits * level) - 1
            progress.add(
                LogFinding(
                    leafIndex: first, message: "the tree over leaves \(first) to \(last) is not that of the leaves"))
        }
    }

    private func checkLeaves(ofTile index: UInt64, _ progress: inout Progress) throws(DatabaseError) {
        let stored = try tile(level: 0, index: index)
        let start = index << UInt64(LogTile.heightBits)
        for (offset, hash) in progress.leafHashes.enumerated() where offset >= stored.count || stored[offset] != hash {
            progress.add(LogFinding(leafIndex: start + UInt64(offset), message: "it is not the leaf that was logged"))
        }
        if stored.count > LogTile.widthMax {
            progress.add(LogFinding(leafIndex: start, message: "the tile that it begins holds too much"))
        }
    }

    /// A stored tile; empty if it is none, which is told of at the leaves that it should hold.
    private func tile(level: Int, index: UInt64) throws(DatabaseError) -> [SHA256Digest] {
        do {
            return try StoredLog.tile(level: level, index: index, connection)
        } catch let error where error.isDamage {
            return []
        }
    }

    func checkpoints(over range: Range<UInt64>) throws(DatabaseError) -> [UInt64: Row] {
        var checkpoints: [UInt64: Row] = [:]
        for row in try connection.query(
            """
            SELECT size, root, note FROM log_checkpoints
            WHERE size > \(try SQLValue(range.lowerBound)) AND size <= \(try SQLValue(range.upperBound))
            """)
        {
            checkpoints[try row.decode("size", as: UInt64.self)] = row
        }
        return checkpoints
    }

    func check(_ row: Row, _ progress: inout Progress) {
        let size = progress.frontier.size
        guard let checkpoint = try? SignedCheckpoint(row: row, origin: origin),
            let signers = try? SignedNote(checkpoint.note).verify(by: logNames), !signers.isEmpty
        else {
            return progress.add(
                LogFinding(leafIndex: nil, message: "the checkpoint of \(size) leaves is not what was signed"))
        }
        if checkpoint.checkpoint.root == progress.frontier.root {
            progress.checkedSize = size
        } else {
            progress.add(
                LogFinding(
                    leafIndex: progress.checkedSize,
                    message:
                        "this leaf or one after it, up to \(size - 1), is not what the checkpoint of \(size) leaves "
                        + "signed"))
        }
    }
}

// MARK: - The end

extension LogAudit {
    /// Leaves that are no more at the end. Meanwhile the log may have grown.
    func checkEnd(_ progress: inout Progress) throws(DatabaseError) {
        let size = try StoredLog.size(connection)
        for finding in try strays(behind: size) { progress.add(finding) }
    }

    /// What is stored of leaves that the log has not.
    func strays(behind size: UInt64) throws(DatabaseError) -> [LogFinding] {
        var findings: [LogFinding] = []
        let end = try SQLValue(size)
        if let row = try connection.queryOne(
            "SELECT size FROM log_checkpoints WHERE size > \(end) ORDER BY size DESC LIMIT 1")
        {
            let signedSize = try row.decode("size", as: UInt64.self)
            findings.append(
                LogFinding(
                    leafIndex: size,
                    message: "it is missing, and all up to \(signedSize - 1), which a checkpoint signed"))
        }
        let records = try connection.query(
            """
            SELECT leaf_index FROM audit_records WHERE leaf_index >= \(end)
            ORDER BY leaf_index LIMIT \(Self.findingCountMax)
            """)
        for row in records {
            let index = try row.decode("leaf_index", as: UInt64.self)
            findings.append(LogFinding(leafIndex: index, message: "it has a record and is not in the log"))
        }
        if try holdsMore(thanSize: size) {
            findings.append(LogFinding(leafIndex: size, message: "it is missing, and the tree goes on behind it"))
        }
        return findings
    }

    /// Whether there are tiles that a log of this size has not, or longer ones at its edge.
    private func holdsMore(thanSize size: UInt64) throws(DatabaseError) -> Bool {
        for level in 0...LogTile.levelMax {
            let count = size >> UInt64(LogTile.heightBits * level)
            let edge = count >> UInt64(LogTile.heightBits)
            let lastTile = try connection.queryOne(
                "SELECT tile_index FROM log_tiles WHERE level = \(level) ORDER BY tile_index DESC LIMIT 1")
            guard let last = try lastTile?.decode("tile_index", as: UInt64.self), last >= edge else { continue }
            let width = level == 0 ? 0 : Int(count & UInt64(LogTile.widthMax - 1))
            if last > edge { return true }
            if try tile(level: level, index: edge).count > width { return true }
        }
        return false
    }
}

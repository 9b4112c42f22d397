import OTLP

/// The folder of block files, named for the journal files whose spans they hold.
final class BlockFolder: Sendable {
    let path: String
    private let system: FileSystem

    init(_ path: String, in system: FileSystem) throws(FileError) {
        self.path = path
        self.system = system
        try system.makeFolder(path)
    }

    /// Opens every block and clears away what a crash left half written.
    ///
    /// - Returns: the sound blocks, and a line for each that is set aside because it can't be trusted.
    func open() throws(FileError) -> (blocks: [Block], damage: [String]) {
        var blocks: [Block] = []
        var damage: [String] = []
        for name in try system.names(in: path) {
            if let journals = FileName.numbers(name, extension: "block") {
                do {
                    blocks.append(try Block("\(path)/\(name)", name: name, journals: journals, in: system))
                } catch let error as FileError {
                    throw error
                } catch {
                    try system.rename("\(path)/\(name)", to: "\(path)/\(name).damaged")
                    damage.append("\(name): \((error as? BlockDamage)?.what ?? "\(error)") is damaged")
                }
            } else if name.hasSuffix(".tmp") {
                try system.remove("\(path)/\(name)")
            } else if name.hasSuffix(".damaged") {
                damage.append("\(name): set aside earlier")
            }
        }
        return (blocks, damage)
    }

    /// Writes a head as a block and returns it open; the block is durable then.
    func write(_ head: Head) throws -> Block {
        let name = FileName.name(head.journals, extension: "block")
        let temporary = "\(path)/\(name).tmp"
        do {
            var writer = try BlockWriter(temporary, in: system)
            for key in head.sortedKeys() {
                if let trace = Trace(key.traceID, collapsing: head.storedSpans(of: key)) {
                    try writer.append(trace, key: key)
                }
            }
            try writer.finish()
            try system.rename(temporary, to: "\(path)/\(name)")
        } catch {
            // The space is needed back; the error to tell is the first one.
            try? system.remove(temporary)
            throw error
        }
        try system.syncFolder(path)
        return try Block("\(path)/\(name)", name: name, journals: head.journals, in: system)
    }
}

import Glibc

/// The folder that holds everything an installation keeps on disk.
package struct DataFolder: Sendable {
    package let path: String

    /// Makes the folder where there is none, readable by its owner only, and what leads to it.
    ///
    /// New folders are synced into the ones that hold them, so that files written inside survive power loss. A folder
    /// that exists keeps its mode.
    package init(creatingAt path: String) throws(StartError) {
        self.path = path
        try Self.create(path, mode: 0o700)
    }

    private static func create(_ path: String, mode: mode_t) throws(StartError) {
        if try exists(path) { return }
        let parent = parent(of: path)
        try create(parent, mode: 0o755)
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("make", path) }
        try sync(parent)
    }

    private static func exists(_ path: String) throws(StartError) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 {
            close(descriptor)
            return true
        }
        switch errno {
        case ENOENT: return false
        case ENOTDIR: throw StartError(.dataFolder, "the data folder can't be made: \(path) is not a folder")
        default: throw failure("open", path)
        }
    }

    private static func parent(of path: String) -> String {
        let names = path.split(separator: "/").dropLast().joined(separator: "/")
        if path.hasPrefix("/") { return "/" + names }
        return names.isEmpty ? "." : names
    }

    private static func sync(_ path: String) throws(StartError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    private static func failure(_ deed: String, _ path: String) -> StartError {
        let reason = unsafe String(cString: strerror(errno))
        return StartError(.dataFolder, "the data folder can't be used: \(deed) \(path): \(reason)")
    }
}

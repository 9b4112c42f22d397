import Glibc

/// The one door to the disk for the embedded engine.
///
/// Every call goes through `fault` first: returning an error number makes that call fail as if the system had
/// returned it, which is how tests take the disk away.
package struct FileSystem: Sendable {
    package typealias Fault = @Sendable (_ operation: FileOperation, _ path: String) -> CInt?

    private let fault: Fault

    package init(fault: @escaping Fault = { _, _ in nil }) {
        self.fault = fault
    }

    func check(_ operation: FileOperation, _ path: String) throws(FileError) {
        if let code = fault(operation, path) {
            throw FileError(operation: operation, path: path, code: code)
        }
    }

    /// Makes a folder readable by its owner only, durably, unless it is there already.
    func makeFolder(_ path: String) throws(FileError) {
        try check(.makeFolder, path)
        guard unsafe mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return }
            throw FileError(operation: .makeFolder, path: path, code: errno)
        }
        try syncFolder("\(path)/..")
    }

    /// Renames `source` to `target`, replacing it; durable once the folder is synced.
    func rename(_ source: String, to target: String) throws(FileError) {
        try check(.rename, source)
        guard unsafe Glibc.rename(source, target) == 0 else {
            throw FileError(operation: .rename, path: source, code: errno)
        }
    }

    func remove(_ path: String) throws(FileError) {
        try check(.remove, path)
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw FileError(operation: .remove, path: path, code: errno)
        }
    }

    /// Makes renames, creations and removals in a folder durable.
    func syncFolder(_ path: String) throws(FileError) {
        try check(.sync, path)
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: .open, path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(operation: .sync, path: path, code: errno) }
    }

    /// The names in a folder, in ascending order.
    func names(in folder: String) throws(FileError) -> [String] {
        try check(.list, folder)
        guard let stream = unsafe opendir(folder) else {
            throw FileError(operation: .list, path: folder, code: errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

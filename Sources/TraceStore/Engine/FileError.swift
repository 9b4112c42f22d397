import Glibc

/// A system call on a file that failed.
struct FileError: Error, CustomStringConvertible {
    enum Kind { case noSpace, other }

    let operation: FileOperation
    let path: String
    let code: CInt

    var kind: Kind {
        code == ENOSPC || code == EDQUOT ? .noSpace : .other
    }

    var description: String {
        "\(operation) \(path): \(unsafe String(cString: strerror(code)))"
    }
}

/// The calls that reach the disk, named so that a test can make any one of them fail.
package enum FileOperation: Sendable, Hashable {
    case open, read, write, sync, rename, remove, list, makeFolder
}

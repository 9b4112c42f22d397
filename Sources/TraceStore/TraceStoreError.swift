/// What a span store can fail with.
package struct TraceStoreError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable {
        /// A queue is full or the disk can't keep up: the same request succeeds later.
        case overloaded
        /// The disk is full: nothing was stored, and what was acknowledged stays readable.
        case diskFull
        /// Reading or writing failed; nothing was stored.
        case inputOutput
        /// A stored file fails its checksum or its format is unknown.
        case corrupt
        /// The store is shutting down.
        case closed
        /// Another process holds the data folder.
        case locked
    }

    package let code: Code
    /// Safe to show anyone: no path and no system message.
    package let message: String
    /// What the operator's log gets.
    package let detail: String

    package init(_ code: Code, _ message: String, detail: String = "") {
        self.code = code
        self.message = message
        self.detail = detail
    }

    /// What an error of the engine's own means to its callers.
    ///
    /// - Parameter message: What is said of one that is neither a file's nor a store's.
    init(_ error: any Error, otherwise message: String) {
        switch error {
        case let error as TraceStoreError: self = error
        case let error as FileError: self.init(error)
        default: self.init(.inputOutput, message, detail: "\(error)")
        }
    }

    init(_ error: FileError) {
        switch error.kind {
        case .noSpace:
            self.init(.diskFull, "the disk is full", detail: error.description)
        case .other:
            self.init(.inputOutput, "the span store can't reach its disk", detail: error.description)
        }
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension TraceStoreError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

/// Why bytes can't be inflated or deflated. Every message is safe to show anyone.
package struct CompressionError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// The bytes are not of the named format, fail its checksum, or go on behind its end.
        case corrupt
        /// The bytes stop before their end.
        case truncated
        /// There is more inside than the caller allows.
        case outputLimitExceeded
        /// A zstd frame asks for a larger window than 8 MiB.
        case windowTooLarge
        case outOfMemory
        /// The library refused for a reason that is not in the bytes.
        case libraryFailure
    }

    package let code: Code
    package let message: String

    init(_ code: Code) {
        self.code = code
        self.message =
            switch code {
            case .corrupt: "the compressed data is corrupt"
            case .truncated: "the compressed data is truncated"
            case .outputLimitExceeded: "the decompressed data is larger than allowed"
            case .windowTooLarge: "the compressed data needs a window larger than 8 MiB"
            case .outOfMemory: "there is not enough memory to handle the compressed data"
            case .libraryFailure: "the compression library failed"
            }
    }

    package var description: String { message }
}

extension CompressionError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

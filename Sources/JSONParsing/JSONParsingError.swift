internal import CSimdjson

/// Why a text is not JSON that we accept. Every message is safe to show anyone.
package struct JSONParsingError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// There is nothing but whitespace, or nothing at all.
        case empty
        /// The structure is wrong: brackets, commas, literals, a byte order mark, or content after the value.
        case malformed
        case invalidUTF8
        /// A string has a bare control character, a wrong escape, half a surrogate pair or no end.
        case invalidString
        /// A number is not JSON, or is an integer that fits neither `Int64` nor `UInt64`, or a fraction too large for
        /// a `Double`.
        case invalidNumber
        /// Containers lie deeper inside each other than the caller allows.
        case tooDeep
        /// The text is 4 GiB long or longer.
        case tooLarge
        case outOfMemory
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

extension JSONParsingError {
    init(_ status: csimdjson_status) {
        switch status {
        case CSIMDJSON_EMPTY: self.init(.empty, "the JSON text is empty")
        case CSIMDJSON_INVALID_UTF8: self.init(.invalidUTF8, "the JSON text is not valid UTF-8")
        case CSIMDJSON_INVALID_STRING: self.init(.invalidString, "the JSON text has an invalid string")
        case CSIMDJSON_INVALID_NUMBER:
            self.init(.invalidNumber, "the JSON text has a number that is malformed or out of range")
        case CSIMDJSON_TOO_DEEP: self.init(.tooDeep, "the JSON text is nested too deeply")
        case CSIMDJSON_TOO_LARGE: self.init(.tooLarge, "the JSON text is too large")
        case CSIMDJSON_OUT_OF_MEMORY: self.init(.outOfMemory, "there is not enough memory to parse the JSON text")
        default: self.init(.malformed, "the JSON text is malformed")
        }
    }
}

extension JSONParsingError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

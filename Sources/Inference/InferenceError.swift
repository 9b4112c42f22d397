/// Why an inference call can't be served.
///
/// A stream that breaks after its first byte carries the same error to the client as its last event.
package struct InferenceError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// The request is no JSON object, or one of its fields is missing or wrong; `parameter` names it.
        case invalidRequest
        /// The catalogue has no model of this name, or not for this kind of call.
        case modelNotFound
        /// The request asks for something that is known and not served.
        case notImplemented
        /// No target of the route can take the call now; `retryAfterSeconds` may say when to try again.
        case unavailable
        /// The provider does not take so large a request.
        case requestTooLarge
        /// The provider asks callers to slow down; `retryAfterSeconds` may say for how long.
        case upstreamRateLimited
        /// The provider could not be reached, broke off, refused the call or sent what can't be read.
        case upstreamError
        /// The provider does not accept our key, our account or the model's name, which trying again won't change.
        case upstreamRefused
        /// The provider took too long.
        case upstreamTimeout
        /// The caller is gone, or wants no answer any more.
        case cancelled
    }

    package let code: Code
    /// Safe to show anyone: no key, no address and nothing that another user sent.
    package let message: String
    /// What the operator's log gets, still without any secret.
    package let detail: String
    /// The request's field at fault, as a path such as `stream_options.include_usage` or `messages[2]`.
    package let parameter: String?
    package let retryAfterSeconds: Int?

    package init(
        _ code: Code, _ message: String, detail: String = "", parameter: String? = nil, retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.parameter = parameter
        self.retryAfterSeconds = retryAfterSeconds
    }

    package var description: String { message }
    package var debugDescription: String { detail.isEmpty ? message : "\(message): \(detail)" }
}

extension InferenceError: Equatable {
    /// Errors are equal when their codes are: messages are for people.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension InferenceError {
    static func invalid(_ parameter: String, _ message: String) -> InferenceError {
        InferenceError(.invalidRequest, message, parameter: parameter)
    }

    /// The provider's answer is not what it should be; the operator's log says how.
    static func unreadable(_ detail: String) -> InferenceError {
        InferenceError(.upstreamError, "the provider's answer can't be read", detail: detail)
    }

    /// A stream has ended before its answer was complete.
    static let brokenOff = InferenceError(.upstreamError, "the provider broke off its answer")
}

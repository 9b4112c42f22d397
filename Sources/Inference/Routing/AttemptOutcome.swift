/// How an attempt at a target ended, as far as routing cares.
package enum AttemptOutcome: Hashable, Sendable {
    /// The target answers: the first byte of its answer is here, or it found fault with the request itself, as another
    /// target would.
    case answered
    /// The target is well but won't serve us: our key, our account or the model's name is not accepted there. Another
    /// target may serve the call; the same one will not.
    case refused
    /// The target is well but wants to be left alone for so long (429 with `Retry-After`).
    case throttled(milliseconds: Int64)
    /// The target failed, and perhaps said for how long it wants to be left alone.
    case failed(retryAfterMilliseconds: Int64? = nil)
    /// The call ended for a reason that has nothing to do with the target, such as a client that left.
    case abandoned

    /// What an upstream's status means.
    package init(status: Int, retryAfterMilliseconds: Int64?) {
        switch status {
        case 429:
            if let retryAfterMilliseconds {
                self = .throttled(milliseconds: retryAfterMilliseconds)
            } else {
                self = .failed()
            }
        case 408: self = .failed(retryAfterMilliseconds: retryAfterMilliseconds)
        case 401...405: self = .refused
        case 200..<300, 400..<500: self = .answered
        default: self = .failed(retryAfterMilliseconds: retryAfterMilliseconds)
        }
    }

    /// What an attempt that threw means.
    package init(_ error: InferenceError) {
        switch error.code {
        case .upstreamError, .upstreamTimeout: self = .failed()
        case .upstreamRateLimited:
            self = error.retryAfterSeconds.map { .throttled(milliseconds: Int64($0) * 1000) } ?? .failed()
        default: self = .abandoned
        }
    }

    /// For how long the target wants to be left alone, if it said so.
    var retryAfterMilliseconds: Int64? {
        switch self {
        case .throttled(let milliseconds): milliseconds
        case .failed(let milliseconds): milliseconds
        case .answered, .refused, .abandoned: nil
        }
    }

    /// Whether another attempt makes sense.
    var permitsAnother: Bool {
        switch self {
        case .answered, .abandoned: false
        case .refused, .throttled, .failed: true
        }
    }
}

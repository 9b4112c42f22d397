/// Whether a request may go on, and how its key or client stands after it.
package struct RateLimitVerdict: Hashable, Sendable {
    package let isAdmitted: Bool
    /// Requests a minute, which is also the largest burst.
    package let limit: Int
    /// How many requests would be admitted at once from here on.
    package let remaining: Int
    /// Until `remaining` is `limit` again, if nothing else comes.
    package let resetMilliseconds: Int64
    /// How long a refused client should wait; 0 if admitted.
    package let retryAfterMilliseconds: Int64

    package init(
        isAdmitted: Bool, limit: Int, remaining: Int, resetMilliseconds: Int64, retryAfterMilliseconds: Int64
    ) {
        self.isAdmitted = isAdmitted
        self.limit = limit
        self.remaining = remaining
        self.resetMilliseconds = resetMilliseconds
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

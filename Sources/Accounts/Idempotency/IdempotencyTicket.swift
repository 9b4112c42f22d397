import Database

/// The right to serve a request that has an idempotency key, which one attempt at a time has.
package struct IdempotencyTicket: Hashable, Sendable {
    /// Of this attempt.
    let id: UUIDv7
    let userID: UserID
    let path: String
    let keyHash: KeyedHash
    let bodyHash: KeyedHash
}

/// What is to be done with a request that has an idempotency key.
package enum IdempotencyVerdict: Hashable, Sendable {
    /// It is new: serve it. The ticket must be completed with the run, or abandoned.
    case proceed(IdempotencyTicket)
    /// It was answered before: give this answer again.
    case replay(StoredAnswer)
    /// It is being served at this moment.
    case isRunning
    /// The key was used with another body.
    case otherBody
    /// It was answered before by this run, but the answer was not kept.
    case notKept(runID: String)
}

/// A write that waits for a transaction to share with others, whatever its result.
struct QueuedWrite: Sendable {
    /// What came of the body, to be told to the caller once the transaction it was in is known to be stored.
    struct Attempt {
        let failure: DatabaseError?
        let deliver: () -> Void
    }

    let attempt: @Sendable (any Session) -> Attempt
    let fail: @Sendable (DatabaseError) -> Void

    init<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value,
        resume: @escaping @Sendable (Result<Value, DatabaseError>) -> Void
    ) {
        attempt = { session in
            do throws(DatabaseError) {
                let value = try body(Connection(session: session))
                return Attempt(failure: nil) { resume(.success(value)) }
            } catch {
                return Attempt(failure: error) { resume(.failure(error)) }
            }
        }
        fail = { resume(.failure($0)) }
    }
}

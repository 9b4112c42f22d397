import Database

extension ChangeTopic {
    /// A key or a session was made, changed or revoked.
    static let credentials = ChangeTopic(0)
    /// A user's credit changed other than by spending it.
    static let credit = ChangeTopic(1)
}

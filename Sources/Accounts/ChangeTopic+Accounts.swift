import Database

extension ChangeTopic {
    /// A key was changed or revoked. New ones are no news, since refusals are not remembered.
    static let credentials = ChangeTopic(0)
    /// A user's credit changed other than by spending it.
    static let credit = ChangeTopic(1)
}

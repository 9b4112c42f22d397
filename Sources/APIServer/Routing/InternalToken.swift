import HTTPTypes

/// The shared secret that operators' endpoints ask for outside of development.
struct InternalToken: Sendable {
    static let hint = "Send the header X-BatchIn-Internal-Token with the server's internal_token."

    private let expected: [UInt8]?

    /// - Parameter expected: `nil` in development, where nobody is asked.
    init(_ expected: String?) {
        self.expected = expected.map { [UInt8]($0.utf8) }
    }

    /// Takes the same time wherever the difference is.
    func isPresented(by headers: HTTPFields) -> Bool {
        guard let expected else { return true }
        let given = [UInt8]((headers[.internalToken] ?? "").utf8)
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

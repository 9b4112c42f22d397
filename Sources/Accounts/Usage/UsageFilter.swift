package import Database

/// Which of a user's runs are meant.
package struct UsageFilter: Hashable, Sendable {
    package var userID: UserID
    package var keyID: UUIDv7?
    package var model: String?
    package var runID: String?
    package var traceID: String?
    /// The first millisecond since 1970-01-01 00:00 UTC; nil for the beginning.
    package var from: Int64?
    /// The first millisecond after the last one; nil for no end.
    package var to: Int64?

    package init(
        userID: UserID, keyID: UUIDv7? = nil, model: String? = nil, runID: String? = nil, traceID: String? = nil,
        from: Int64? = nil, to: Int64? = nil
    ) {
        self.userID = userID
        self.keyID = keyID
        self.model = model
        self.runID = runID
        self.traceID = traceID
        self.from = from
        self.to = to
    }
}

/// The place of a row in the usage log, which goes by time and, where times are equal, by id.
package struct UsagePosition: Hashable, Sendable {
    package let createdAt: Int64
    package let id: UUIDv7

    package init(createdAt: Int64, id: UUIDv7) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// Some rows of the usage log, newest first.
package struct UsagePage: Hashable, Sendable {
    package let rows: [UsageRow]
    /// Where the page after this one begins; nil if there is none.
    package let next: UsagePosition?
}

package import Database

/// Statements that another part of the program adds to a transaction.
///
/// What it throws undoes the whole transaction. It may be run again, so it has no effect outside the database.
package typealias TransactionPart = @Sendable (Connection) throws(DatabaseError) -> Void

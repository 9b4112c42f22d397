/// One step of the schema, applied once to every database and never edited after a release.
package struct Migration: Sendable {
    /// Its place in the order, unique among all modules, from 1.
    package let version: Int
    package let name: String
    /// Statements that both engines accept. Column types are spelled `TEXT`, `BIGINT`, `DOUBLE PRECISION` and `BYTEA`:
    /// PostgreSQL has no other words, and SQLite takes any.
    let script: String

    package init(version: Int, name: String, script: [UInt8]) {
        self.version = version
        self.name = name
        self.script = String(decoding: script, as: UTF8.self)
    }
}

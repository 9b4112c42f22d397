/// A statement of SQL whose interpolated values travel as bound parameters, never as text.
///
///     let sql: SQL = "SELECT id FROM users WHERE email = \(email)"
///
/// has the text `SELECT id FROM users WHERE email = $1` and one bind. Parameters are numbered in order of appearance,
/// each value its own, so that binding by position and binding by number are the same thing. An `SQL` inside another
/// is spliced in and its parameters are renumbered. Text that is not known when the program is written enters only
/// through `\(unsafeSQL:)`, and must not hold parameters.
///
/// Statements keep to what SQLite and PostgreSQL both accept: `RETURNING`, `ON CONFLICT`, integers for time.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    /// The text between the binds, cut where they stand; always one part more than there are binds.
    private var parts: [String]
    package private(set) var binds: [SQLValue]
    private var hasUnsafeText: Bool

    /// The most parameters a statement may have and still be kept prepared.
    private static let reusableBindCountMax = 32

    package init(stringLiteral text: String) {
        parts = [text]
        binds = []
        hasUnsafeText = false
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// The statement with `$1`, `$2`, … where the binds go.
    package var text: String {
        var text = parts[0]
        for (index, part) in parts.dropFirst().enumerated() {
            text += "$\(index + 1)"
            text += part
        }
        return text
    }

    /// Whether a driver may keep the prepared statement: the program holds finitely many such texts, so the statements
    /// kept are bounded without counting them.
    var isReusable: Bool {
        !hasUnsafeText && binds.count <= Self.reusableBindCountMax
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(stringLiteral: "")
            sql.parts.reserveCapacity(interpolationCount + 1)
            sql.binds.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            sql.appendText(literal)
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLEncodable) {
            sql.binds.append(value.sqlValue)
            sql.parts.append("")
        }

        /// Binds a value or null.
        package mutating func appendInterpolation<Value: SQLEncodable>(_ value: Value?) {
            sql.binds.append(value.sqlValue)
            sql.parts.append("")
        }

        /// Splices another statement in.
        package mutating func appendInterpolation(_ other: SQL) {
            sql.appendText(other.parts[0])
            sql.parts += other.parts.dropFirst()
            sql.binds += other.binds
            sql.hasUnsafeText = sql.hasUnsafeText || other.hasUnsafeText
        }

        /// Inserts raw text. The caller vouches that no part of it comes from outside the program.
        package mutating func appendInterpolation(unsafeSQL text: String) {
            sql.appendText(text)
            sql.hasUnsafeText = true
        }
    }

    private mutating func appendText(_ text: String) {
        parts[parts.count - 1] += text
    }
}

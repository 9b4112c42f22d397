import Synchronization

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
    /// The statement with `$1`, `$2`, … where the binds go.
    package private(set) var text: String
    package private(set) var binds: [SQLValue]
    /// Where in the text, in UTF-8, the parameters stand, to number them anew inside another statement.
    private var offsets: [Int]
    private var hasUnsafeText: Bool
    /// What a driver may find the prepared statement by, instead of by its text.
    private(set) var templateNumber: Int?

    /// The most parameters a statement may have and still be kept prepared.
    private static let reusableBindCountMax = 40

    package init(stringLiteral text: String) {
        self.text = text
        binds = []
        offsets = []
        hasUnsafeText = false
    }

    /// A statement that is kept as a constant and run by `binding`, so often that writing its text each time would show,
    /// and even looking for it among those prepared. Each call makes another one, which drivers keep for good.
    package static func template(_ sql: SQL) -> SQL {
        var template = sql
        template.templateNumber = templateCount.add(1, ordering: .relaxed).oldValue
        return template
    }

    private static let templateCount = Atomic(0)

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// So many parameters, separated by commas, which are null until `binding` says otherwise.
    package static func parameters(_ count: Int) -> SQL {
        var sql: SQL = ""
        for index in 0..<count {
            if index > 0 { sql.text += ", " }
            sql.append(.null)
        }
        return sql
    }

    /// The same statement with other values, as many as it has parameters.
    package func binding(_ values: [SQLValue]) -> SQL {
        precondition(values.count == binds.count, "A statement has one value a parameter.")
        var sql = self
        sql.binds = values
        return sql
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
            sql.text.reserveCapacity(literalCapacity + interpolationCount * 4)
            sql.binds.reserveCapacity(interpolationCount)
            sql.offsets.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            sql.text += literal
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLEncodable) {
            sql.append(value.sqlValue)
        }

        /// Binds a value or null.
        package mutating func appendInterpolation<Value: SQLEncodable>(_ value: Value?) {
            sql.append(value.sqlValue)
        }

        /// Splices another statement in.
        package mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }

        /// Inserts raw text. The caller vouches that no part of it comes from outside the program.
        package mutating func appendInterpolation(unsafeSQL text: String) {
            sql.text += text
            sql.hasUnsafeText = true
        }
    }

    private mutating func append(_ bind: SQLValue) {
        appendParameter()
        binds.append(bind)
    }

    private mutating func append(_ other: SQL) {
        let bytes = other.text.utf8
        var rest = bytes.startIndex
        for (index, offset) in other.offsets.enumerated() {
            let parameter = bytes.index(bytes.startIndex, offsetBy: offset)
            text += other.text[rest..<parameter]
            appendParameter()
            rest = bytes.index(parameter, offsetBy: Self.parameter(index + 1).utf8.count)
        }
        text += other.text[rest...]
        binds += other.binds
        hasUnsafeText = hasUnsafeText || other.hasUnsafeText
    }

    private mutating func appendParameter() {
        offsets.append(text.utf8.count)
        text += Self.parameter(offsets.count)
    }

    private static func parameter(_ number: Int) -> String {
        "$" + String(number)
    }
}

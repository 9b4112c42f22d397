import Testing

@testable import Database

struct SQLTests {
    @Test func `values become numbered binds in order of appearance`() {
        let email = "a@b"
        let sql: SQL = "SELECT \(1) FROM users WHERE email = \(email) OR age > \(2.5)"
        #expect(sql.text == "SELECT $1 FROM users WHERE email = $2 OR age > $3")
        #expect(sql.binds == [.integer(1), .text("a@b"), .real(2.5)])
    }

    @Test func `a statement inside another is spliced in and renumbered`() {
        let filter: SQL = "a = \(1) AND b = \(2)"
        let sql: SQL = "SELECT \(0) WHERE \(filter) AND c = \(3) AND \(filter)"
        #expect(sql.text == "SELECT $1 WHERE a = $2 AND b = $3 AND c = $4 AND a = $5 AND b = $6")
        #expect(sql.binds == [0, 1, 2, 3, 1, 2].map { .integer($0) })
    }

    @Test func `a number of two digits is replaced whole`() {
        let list: SQL = "\(SQL.parameters(11))"
        let sql: SQL = "SELECT \(0) WHERE x IN (\(list)) AND y = \(1)"
        #expect(sql.text == "SELECT $1 WHERE x IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AND y = $13")
        #expect(sql.binds == [.integer(0)] + Array(repeating: .null, count: 11) + [.integer(1)])
    }

    @Test func `a statement takes other values in place of its own`() {
        let sql: SQL = "SELECT \(0) WHERE x IN (\(SQL.parameters(2)))"
        let bound = sql.binding([.integer(7), .text("a"), .text("b")])
        #expect(bound.text == "SELECT $1 WHERE x IN ($2, $3)")
        #expect(bound.binds == [.integer(7), .text("a"), .text("b")])
        #expect(bound.isReusable)
        #expect(("SELECT \(bound)" as SQL).binds == bound.binds)
    }

    @Test func `raw text enters only by its name, and is not kept prepared`() {
        let column = "name"
        let raw: SQL = "ORDER BY \(unsafeSQL: column)"
        let sql: SQL = "SELECT name FROM users \(raw) LIMIT \(1)"
        #expect(sql.text == "SELECT name FROM users ORDER BY name LIMIT $1")
        #expect(!sql.isReusable)
        #expect(SQL(stringLiteral: "SELECT 1").isReusable)
    }

    @Test func `nil is bound as null`() {
        let nothing: String? = nil
        let something: Int? = 7
        let sql: SQL = "SELECT \(nothing), \(something)"
        #expect(sql.binds == [.null, .integer(7)])
    }

    @Test func `an integer beyond the engines' range is refused`() throws {
        #expect(throws: DatabaseError(.invalidValue, "")) { try SQLValue(UInt64.max) }
        #expect(try SQLValue(UInt64(Int64.max)) == .integer(.max))
    }
}

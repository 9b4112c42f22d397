import Testing

@testable import Database

struct RowTests {
    private let row = Row(
        columns: ["id", "email", "score", "hash", "gone", "flag", "id"],
        values: [.integer(-7), .text("a@b"), .real(0.5), .blob([1, 2]), .null, .integer(1), .integer(8)])

    @Test func `each type is read by the column's name`() throws {
        #expect(try row.decode("id", as: Int.self) == -7)
        #expect(try row.decode("id", as: Int64.self) == -7)
        #expect(try row.decode("email", as: String.self) == "a@b")
        #expect(try row.decode("score", as: Double.self) == 0.5)
        #expect(try row.decode("hash", as: [UInt8].self) == [1, 2])
        #expect(try row.decode("gone", as: String?.self) == nil)
        #expect(try row.decode("email", as: String?.self) == "a@b")
        #expect(try row.decode("flag", as: Bool.self))
    }

    @Test func `another type, null and a negative count are refused, naming the column but not the value`() {
        func refusal(_ decode: () throws -> Void) -> DatabaseError? {
            #expect(throws: DatabaseError(.invalidRow, ""), performing: decode)
        }
        #expect(refusal { _ = try row.decode("email", as: Int.self) }?.description.contains("email") == true)
        #expect(refusal { _ = try row.decode("email", as: Int.self) }?.debugDescription.contains("a@b") == false)
        _ = refusal { _ = try row.decode("gone", as: String.self) }
        _ = refusal { _ = try row.decode("id", as: UInt64.self) }
        _ = refusal { _ = try row.decode("id", as: Bool.self) }
        _ = refusal { _ = try row.decode("email", as: Int?.self) }
    }

    @Test func `a missing column is refused by name`() throws {
        let error = #expect(throws: DatabaseError.self) { try row.decode("mail", as: String.self) }
        #expect(error?.code == .invalidRow)
        #expect(error?.description.contains("mail") == true)
    }
}

/// One row of a result: values, reached by the name of their column.
package struct Row: Hashable, Sendable {
    private let columns: [String]
    private let values: [SQLValue]

    package init(columns: [String], values: [SQLValue]) {
        precondition(columns.count == values.count, "A row has one value a column.")
        self.columns = columns
        self.values = values
    }

    /// The value of a column as `type`, without conversion: text is not parsed, integers don't become reals, and null
    /// is only an `Optional`. Of columns with equal names the first is meant.
    ///
    /// - Throws: `invalidRow`, naming the column and the types, never the value.
    package func decode<Value: SQLDecodable>(_ column: String, as type: Value.Type) throws(DatabaseError) -> Value {
        // Rows are narrow, so a search is faster than a dictionary would be.
        guard let index = columns.firstIndex(of: column) else {
            throw DatabaseError(.invalidRow, "the result has no column \(column)")
        }
        guard let value = Value(sqlValue: values[index]) else {
            throw DatabaseError(.invalidRow, "column \(column) holds \(values[index].kind), which is no \(type)")
        }
        return value
    }
}

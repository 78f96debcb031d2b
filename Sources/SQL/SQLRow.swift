/// One row. Columns are read by name or position, as the type the caller wants:
///
///     let email: String = try row.get("email")
///     let name: String? = try row.get("name")      // nil for NULL
public struct SQLRow: Sendable {
    public let columns: SQLColumns
    /// In the order of the columns.
    public let values: ArraySlice<SQLValue>

    /// The value of a column; throws an error that names the column when it is missing or of another type.
    public func get<Value: SQLConvertible>(_ column: String, as type: Value.Type = Value.self) throws(SQLError) -> Value
    {
        guard let position = columns.names.firstIndex(of: column) else {
            throw SQLError(
                .usage,
                "The answer has no column \"\(column)\": it has \(columns.names.joined(separator: ", ")).")
        }
        return try get(position)
    }

    /// The value of the column at `position`, from 0.
    public func get<Value: SQLConvertible>(_ position: Int, as type: Value.Type = Value.self) throws(SQLError) -> Value
    {
        guard position >= 0, position < values.count else {
            throw SQLError(.usage, "The answer has no column \(position): it has \(values.count) columns, from 0.")
        }
        let stored = values[values.startIndex + position]
        guard let value = Value(sqlValue: stored) else {
            throw SQLError(
                .schema,
                "Column \"\(columns.names[position])\" holds \(stored.typeName), which does not read as \(Value.self).")
        }
        return value
    }
}

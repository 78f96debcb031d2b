/// The rows of an answer. The values stand in one array, row after row: an answer costs two allocations, not one a row.
public struct SQLRows: Sendable {
    public let columns: SQLColumns
    let values: [SQLValue]
    public let count: Int

    /// `values` holds the rows one after the other; what does not fill a last row is left out.
    public init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
        count = columns.names.isEmpty ? 0 : values.count / columns.names.count
    }

    public static let none = SQLRows(columns: SQLColumns([]), values: [])
}

extension SQLRows: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> SQLRow {
        precondition(position >= 0 && position < count, "no row at this index")
        let width = columns.names.count
        return SQLRow(columns: columns, values: values[position * width..<(position + 1) * width])
    }
}

/// The names of an answer's columns, shared by its rows.
public final class SQLColumns: Sendable {
    public let names: [String]

    public init(_ names: [String]) {
        self.names = names
    }
}

/// What a statement that may write did.
public struct SQLResult: Sendable {
    /// How many rows it inserted, changed or deleted itself; not what triggers and foreign keys did on top.
    public var changes: Int
    /// The rows of its `RETURNING` clause.
    public var rows: SQLRows

    public init(changes: Int, rows: SQLRows = .none) {
        self.changes = changes
        self.rows = rows
    }
}

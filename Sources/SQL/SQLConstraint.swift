/// The rule of the schema that a statement broke.
public struct SQLConstraint: Sendable, Hashable {
    public enum Rule: String, Sendable {
        /// A unique index, or the primary key.
        case unique
        case foreignKey = "foreign key"
        case notNull = "not null"
        case check
        /// A trigger's `RAISE`, a strict column's type.
        case other
    }

    public var rule: Rule
    /// The constraint's or index's name (for `check` without a name, its expression), where the engine tells it.
    public var name: String?
    public var table: String?
    /// Without the table's name. Empty where the engine does not tell them: SQLite never says which foreign key.
    public var columns: [String]

    public init(_ rule: Rule, name: String? = nil, table: String? = nil, columns: [String] = []) {
        self.rule = rule
        self.name = name
        self.table = table
        self.columns = columns
    }
}

/// A value as every engine has it.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    /// May hold NUL characters where the engine can store them (SQLite can, PostgreSQL refuses).
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .integer(value ? 1 : 0) }
}

extension SQLValue {
    /// For error texts: the type, never the value, which may be somebody's secret.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "text"
        case .blob: "a blob"
        }
    }

    /// Roughly what it takes to keep the value: for limits on queues and results.
    package var byteCount: Int {
        switch self {
        case .null, .integer, .real: 8
        case .text(let text): 8 &+ text.utf8.count
        case .blob(let bytes): 8 &+ bytes.count
        }
    }
}

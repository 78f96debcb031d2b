/// Names and values beside a message, in the order they were given. A list, not a dictionary: there are few of them, and
/// a line reads the same every time.
public struct LogMetadata: Sendable, ExpressibleByDictionaryLiteral {
    public typealias Field = (key: String, value: LogValue)

    public private(set) var fields: [Field]

    public init(dictionaryLiteral elements: (String, LogValue)...) {
        fields = elements
    }

    public init(_ fields: [Field]) {
        self.fields = fields
    }

    public var isEmpty: Bool { fields.isEmpty }

    /// Of several fields with one name, the last counts.
    public subscript(key: String) -> LogValue? {
        get { fields.last { $0.key == key }?.value }
        set {
            fields.removeAll { $0.key == key }
            if let newValue { fields.append((key, newValue)) }
        }
    }

    /// Both; where a key is in both, the other's value counts.
    public func merging(_ other: LogMetadata) -> LogMetadata {
        if other.isEmpty { return self }
        return LogMetadata(fields.filter { field in !other.fields.contains { $0.key == field.key } } + other.fields)
    }
}

/// A value beside a message.
public enum LogValue: Sendable {
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// Written in milliseconds, with three digits after the point.
    case duration(nanoseconds: Int64)
    case list([LogValue])
    case object(LogMetadata)
    /// Made into text only when the record is written.
    case described(any CustomStringConvertible & Sendable)

    public static func duration(_ duration: Duration) -> LogValue {
        .duration(nanoseconds: duration.wholeNanoseconds)
    }

    /// Made into text only when the record is written. A ``Secret`` stays one.
    public static func describing(_ value: some CustomStringConvertible & Sendable) -> LogValue {
        .described(value)
    }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: LogValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, LogValue)...) {
        self = .object(LogMetadata(elements.map { (key: $0.0, value: $0.1) }))
    }
}

/// Any JSON value: Go's `any`.
///
/// Go reads every number as a double; here an integer that fits 64 bits keeps all its digits. A double with such a
/// value is the same number, so reading makes it ``integer(_:)`` however it was spelt: `1`, `1.0`, `10e-1`.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Written as null when not finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The member of an object; nil for anything else.
    public subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The same number as it is read.
    init(normalizing number: Double) {
        if let integer = Int64(exactly: number), integer != 0 || number.sign == .plus {
            self = .integer(integer)
        } else {
            self = .number(number)
        }
    }
}

/// In protobuf a `google.protobuf.Value`, whose numbers are all doubles.
extension JSONValue: MessageValue {
    public static var messageName: String { "google.protobuf.Value" }
    @inlinable public static var acceptsNull: Bool { true }
    @inlinable public static var fieldDefault: JSONValue { .null }
    public static var typeName: String { "interface {}" }
    @inlinable public var isEmptyField: Bool { if case .null = self { true } else { false } }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.json(&self) }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self.init(normalizing: value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}

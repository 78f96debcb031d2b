/// A type that a field of a ``Message`` can have.
///
/// Conforming: `Bool`, the integers to 64 bits, `Double`, `Float`, `String`, `[UInt8]` (bytes), ``Timestamp``,
/// `Duration`, ``JSONValue``, ``JSONObject``, ``JSONArray``, every ``MessageEnum`` and ``Message``; `Optional` (explicit
/// presence), `Array` (repeated) and `Dictionary` with a ``MapKey`` (map) of those.
public protocol FieldValue: Sendable {
    /// What a field has that the wire says nothing about.
    static var fieldDefault: Self { get }
    /// The type in Go's words, for error texts: `string`, `[]int32`.
    static var typeName: String { get }
    /// Whether ``FieldOptions/omitEmpty`` leaves it out.
    var isEmptyField: Bool { get }
    /// Whether the field is left out in any case: an optional without a value.
    var isAbsentField: Bool { get }
    /// Whether protobuf and proto3 JSON leave it out. As ``isEmptyField``, except that -0 is not 0.
    var isDefaultField: Bool { get }
    /// Whether protobuf packs an array of it: numbers, `Bool` and enumerations.
    static var isNumeric: Bool { get }
    /// Whether null is one of its values in proto3 JSON, and not the absence of one.
    static var acceptsNull: Bool { get }

    /// Calls the one method of the visitor that fits this type.
    mutating func visitValue<V: FieldVisitor>(with visitor: inout V)
    /// The same for an array of this type; bytes are the array that is not a repeated field.
    static func visitArray<V: FieldVisitor>(_ array: inout [Self], with visitor: inout V)
    static var arrayTypeName: String { get }
}

extension FieldValue {
    @inlinable public var isAbsentField: Bool { false }
    @inlinable public var isDefaultField: Bool { isEmptyField }
    @inlinable public static var isNumeric: Bool { false }
    @inlinable public static var acceptsNull: Bool { false }
    @inlinable
    public static func visitArray<V: FieldVisitor>(_ array: inout [Self], with visitor: inout V) {
        visitor.array(&array)
    }
    public static var arrayTypeName: String { "[]" + typeName }
}

// MARK: Scalars

extension Bool: FieldValue {
    @inlinable public static var fieldDefault: Bool { false }
    public static var typeName: String { "bool" }
    @inlinable public var isEmptyField: Bool { !self }
    @inlinable public static var isNumeric: Bool { true }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.bool(&self) }
}

extension FieldValue where Self: FixedWidthInteger {
    @inlinable public static var fieldDefault: Self { 0 }
    @inlinable public var isEmptyField: Bool { self == 0 }
    @inlinable public static var isNumeric: Bool { true }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.integer(&self) }
}

extension Int: FieldValue { public static var typeName: String { "int" } }
extension Int8: FieldValue { public static var typeName: String { "int8" } }
extension Int16: FieldValue { public static var typeName: String { "int16" } }
extension Int32: FieldValue { public static var typeName: String { "int32" } }
extension Int64: FieldValue { public static var typeName: String { "int64" } }
extension UInt: FieldValue { public static var typeName: String { "uint" } }
extension UInt16: FieldValue { public static var typeName: String { "uint16" } }
extension UInt32: FieldValue { public static var typeName: String { "uint32" } }
extension UInt64: FieldValue { public static var typeName: String { "uint64" } }

extension UInt8: FieldValue {
    public static var typeName: String { "uint8" }
    @inlinable
    public static func visitArray<V: FieldVisitor>(_ array: inout [UInt8], with visitor: inout V) {
        visitor.bytes(&array)
    }
}

extension Double: FieldValue {
    @inlinable public static var fieldDefault: Double { 0 }
    public static var typeName: String { "float64" }
    @inlinable public var isEmptyField: Bool { self == 0 }
    @inlinable public var isDefaultField: Bool { bitPattern == 0 }
    @inlinable public static var isNumeric: Bool { true }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.double(&self) }
}

extension Float: FieldValue {
    @inlinable public static var fieldDefault: Float { 0 }
    public static var typeName: String { "float32" }
    @inlinable public var isEmptyField: Bool { self == 0 }
    @inlinable public var isDefaultField: Bool { bitPattern == 0 }
    @inlinable public static var isNumeric: Bool { true }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.float(&self) }
}

extension String: FieldValue {
    @inlinable public static var fieldDefault: String { "" }
    public static var typeName: String { "string" }
    @inlinable public var isEmptyField: Bool { isEmpty }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.string(&self) }
}

// MARK: Containers

extension Optional: FieldValue where Wrapped: FieldValue {
    @inlinable public static var fieldDefault: Wrapped? { nil }
    public static var typeName: String { Wrapped.typeName }
    @inlinable public var isEmptyField: Bool { self == nil }
    @inlinable public var isAbsentField: Bool { self == nil }
    @inlinable public var isDefaultField: Bool { self == nil }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.optional(&self) }
}

extension Array: FieldValue where Element: FieldValue {
    @inlinable public static var fieldDefault: [Element] { [] }
    public static var typeName: String { Element.arrayTypeName }
    @inlinable public var isEmptyField: Bool { isEmpty }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) {
        Element.visitArray(&self, with: &visitor)
    }
}

extension Dictionary: FieldValue where Key: MapKey, Value: FieldValue {
    @inlinable public static var fieldDefault: [Key: Value] { [:] }
    public static var typeName: String { "map[" + Key.typeName + "]" + Value.typeName }
    @inlinable public var isEmptyField: Bool { isEmpty }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { Key.visitMap(&self, with: &visitor) }
}

/// One encoding, as seen from a message's description: a reader assigns to what it visits, a writer leaves it alone.
///
/// Descriptions call ``field(_:_:_:_:)`` only. The other requirements are the kinds of value a schema knows; a
/// ``FieldValue`` calls the one that fits it. Everything is generic, so that a codec specialises to straight code for
/// each message in the module that defines the message.
public protocol FieldVisitor {
    /// - Parameters:
    ///   - number: The protobuf field number: 1 or more, unique in the message, never used again for another meaning.
    ///   - name: The name in JSON: ASCII without quotes, backslashes and control characters.
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions)

    mutating func bool(_ value: inout Bool)
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer)
    mutating func double(_ value: inout Double)
    mutating func float(_ value: inout Float)
    mutating func string(_ value: inout String)
    mutating func bytes(_ value: inout [UInt8])
    mutating func timestamp(_ value: inout Timestamp)
    mutating func json(_ value: inout JSONValue)
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value)
    mutating func message<Value: Message>(_ value: inout Value)
    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?)
    mutating func array<Element: FieldValue>(_ value: inout [Element])
    mutating func map<Value: FieldValue>(_ value: inout [String: Value])
}

extension FieldVisitor {
    @inlinable
    public mutating func field<Value: FieldValue>(_ number: Int, _ name: StaticString, _ value: inout Value) {
        field(number, name, &value, [])
    }
}

/// What an encoding must know of a field beyond its type.
public struct FieldOptions: OptionSet, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// JSON leaves the field out when it is false, 0, "", an empty array or map, or null: Go's `omitempty`.
    @inlinable public static var omitEmpty: FieldOptions { FieldOptions(rawValue: 1) }
    /// Protobuf writes the integer as `sint32` or `sint64`.
    @inlinable public static var zigZag: FieldOptions { FieldOptions(rawValue: 2) }
    /// Protobuf writes the integer as `fixed32`, `fixed64`, `sfixed32` or `sfixed64`.
    @inlinable public static var fixedWidth: FieldOptions { FieldOptions(rawValue: 4) }
    /// Protobuf writes a repeated number one tag per element, as proto2 did.
    @inlinable public static var unpacked: FieldOptions { FieldOptions(rawValue: 8) }
}

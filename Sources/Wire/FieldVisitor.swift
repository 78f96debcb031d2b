/// One encoding, as seen from a message's description: a reader assigns to what it visits, a writer leaves it alone.
///
/// Descriptions call ``field(_:_:_:_:)``, ``field(_:_:json:_:_:)`` and ``unknownFields(_:)`` only. The other requirements are the kinds of value a schema knows; a
/// ``FieldValue`` calls the one that fits it. Everything is generic, so that a codec specialises to straight code for
/// each message in the module that defines the message.
public protocol FieldVisitor {
    /// - Parameters:
    ///   - number: The protobuf field number: 1 or more, unique in the message, never used again for another meaning.
    ///   - name: The name in JSON: ASCII without quotes, backslashes and control characters.
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions)
    /// - Parameter json: The `json_name` of a field that has one of its own; without, proto3 JSON writes the name in
    ///   lowerCamelCase. The JSON of Go services has `name` in any case.
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value, _ options: FieldOptions)
    /// Keeps what no field of the message stands for, so that it goes out again as it came. Must be the last call of a
    /// description.
    mutating func unknownFields(_ fields: inout UnknownFields)

    mutating func bool(_ value: inout Bool)
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer)
    mutating func double(_ value: inout Double)
    mutating func float(_ value: inout Float)
    mutating func string(_ value: inout String)
    mutating func bytes(_ value: inout [UInt8])
    mutating func timestamp(_ value: inout Timestamp)
    mutating func duration(_ value: inout Duration)
    mutating func json(_ value: inout JSONValue)
    mutating func jsonObject(_ value: inout JSONObject)
    mutating func jsonArray(_ value: inout JSONArray)
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value)
    mutating func message<Value: Message>(_ value: inout Value)
    mutating func wellKnown<Value: WellKnownMessage>(_ value: inout Value)
    mutating func any(_ value: inout AnyMessage)
    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?)
    mutating func array<Element: FieldValue>(_ value: inout [Element])
    mutating func map<Value: FieldValue>(_ value: inout [String: Value])
    /// A map whose keys are not strings.
    mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value])
}

extension FieldVisitor {
    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value
    ) {
        field(number, name, json: json, &value, [])
    }
    @inlinable
    public mutating func field<Value: FieldValue>(_ number: Int, _ name: StaticString, _ value: inout Value) {
        field(number, name, &value, [])
    }
}

// What an encoding does without a form of its own.
extension FieldVisitor {
    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        field(number, name, &value, options)
    }

    @inlinable
    public mutating func unknownFields(_ fields: inout UnknownFields) {}

    /// As Go has durations: an integer of nanoseconds, the nearest end for what 64 bits cannot say.
    @inlinable
    public mutating func duration(_ value: inout Duration) {
        let before = value.wholeNanoseconds
        var nanoseconds = before
        integer(&nanoseconds)
        if nanoseconds != before { value = .nanoseconds(nanoseconds) }
    }

    @inlinable
    public mutating func jsonObject(_ value: inout JSONObject) {
        var any = JSONValue.object(value)
        json(&any)
        if case .object(let object) = any { value = object }
    }

    @inlinable
    public mutating func jsonArray(_ value: inout JSONArray) {
        var any = JSONValue.array(value.elements)
        json(&any)
        if case .array(let elements) = any { value = JSONArray(elements) }
    }

    @inlinable
    public mutating func wellKnown<Value: WellKnownMessage>(_ value: inout Value) { message(&value) }

    @inlinable
    public mutating func any(_ value: inout AnyMessage) { message(&value) }

    /// As a map of the keys' texts; a text that is no such key is left out.
    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        var texts = [String: Value](minimumCapacity: value.count)
        for (key, element) in value { texts[key.keyText] = element }
        map(&texts)
        value.removeAll(keepingCapacity: true)
        for (text, element) in texts {
            if let key = Key(keyText: text) { value[key] = element }
        }
    }
}

/// What an encoding must know of a field beyond its type.
public struct FieldOptions: OptionSet, Sendable {
    public let rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// JSON leaves the field out when it is false, 0, "", an empty array or map, or null: Go's `omitempty`.
    @inlinable public static var omitEmpty: FieldOptions { FieldOptions(rawValue: 1) }
    /// Protobuf writes the integer as `sint32` or `sint64`.
    @inlinable public static var zigZag: FieldOptions { FieldOptions(rawValue: 2) }
    /// Protobuf writes the integer as `fixed32`, `fixed64`, `sfixed32` or `sfixed64`.
    @inlinable public static var fixedWidth: FieldOptions { FieldOptions(rawValue: 4) }
    /// Protobuf writes a repeated number one tag per element, as proto2 did.
    @inlinable public static var unpacked: FieldOptions { FieldOptions(rawValue: 8) }
    /// ``zigZag`` and ``fixedWidth`` are of a map's values; these are of its keys.
    @inlinable public static var zigZagKey: FieldOptions { FieldOptions(rawValue: 16) }
    @inlinable public static var fixedWidthKey: FieldOptions { FieldOptions(rawValue: 32) }

    /// The field is a member of a oneof: the message's first has index 1, and so on up to 63.
    @inlinable
    public static func oneof(_ index: Int) -> FieldOptions {
        FieldOptions(rawValue: UInt16(truncatingIfNeeded: index & 63) << 8)
    }

    /// 0 for a field that is in none.
    @inlinable var oneofIndex: UInt16 { rawValue >> 8 }

    /// What holds for a map's keys, as if the key were a field.
    @inlinable
    var ofKey: FieldOptions {
        FieldOptions(rawValue: (rawValue & (Self.zigZagKey.rawValue | Self.fixedWidthKey.rawValue)) >> 3)
    }
}

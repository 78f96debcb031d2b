/// `google.protobuf.StringValue` and its like: a message around one value. proto3 JSON has the value alone.
public struct WrapperValue<Value: Wrappable>: WellKnownMessage {
    public static var messageName: String { Value.wrapperName }

    public var value: Value

    @inlinable
    public init() { value = Value.fieldDefault }

    @inlinable
    public init(_ value: Value) { self.value = value }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "value", &value) }

    @inlinable
    public mutating func visitJSONForm<V: FieldVisitor>(with visitor: inout V) -> Bool {
        value.visitValue(with: &visitor)
        return true
    }
}

extension WrapperValue: Equatable where Value: Equatable {}
extension WrapperValue: Hashable where Value: Hashable {}

public typealias BoolValue = WrapperValue<Bool>
public typealias Int32Value = WrapperValue<Int32>
public typealias Int64Value = WrapperValue<Int64>
public typealias UInt32Value = WrapperValue<UInt32>
public typealias UInt64Value = WrapperValue<UInt64>
public typealias FloatValue = WrapperValue<Float>
public typealias DoubleValue = WrapperValue<Double>
public typealias StringValue = WrapperValue<String>
public typealias BytesValue = WrapperValue<[UInt8]>

/// A type that has a wrapper in `google/protobuf/wrappers.proto`.
public protocol Wrappable: FieldValue {
    static var wrapperName: String { get }
}

extension Bool: Wrappable { public static var wrapperName: String { "google.protobuf.BoolValue" } }
extension Int32: Wrappable { public static var wrapperName: String { "google.protobuf.Int32Value" } }
extension Int64: Wrappable { public static var wrapperName: String { "google.protobuf.Int64Value" } }
extension UInt32: Wrappable { public static var wrapperName: String { "google.protobuf.UInt32Value" } }
extension UInt64: Wrappable { public static var wrapperName: String { "google.protobuf.UInt64Value" } }
extension Float: Wrappable { public static var wrapperName: String { "google.protobuf.FloatValue" } }
extension Double: Wrappable { public static var wrapperName: String { "google.protobuf.DoubleValue" } }
extension String: Wrappable { public static var wrapperName: String { "google.protobuf.StringValue" } }
extension [UInt8]: Wrappable { public static var wrapperName: String { "google.protobuf.BytesValue" } }

/// A JSON array of anything: `google.protobuf.ListValue`. (A field of type `[JSONValue]` is a repeated
/// `google.protobuf.Value`, which JSON cannot tell from it.)
public struct JSONArray: Sendable, Hashable {
    public var elements: [JSONValue]

    @inlinable
    public init(_ elements: [JSONValue] = []) { self.elements = elements }
}

extension JSONArray: MessageValue {
    public static var messageName: String { "google.protobuf.ListValue" }
    public static var typeName: String { "[]interface {}" }
    @inlinable public static var fieldDefault: JSONArray { JSONArray() }
    @inlinable public var isEmptyField: Bool { elements.isEmpty }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.jsonArray(&self) }
}

/// In protobuf a `google.protobuf.Struct`.
extension JSONObject: MessageValue {
    public static var messageName: String { "google.protobuf.Struct" }
    public static var typeName: String { "map[string]interface {}" }
    @inlinable public static var fieldDefault: JSONObject { JSONObject() }
    public var isEmptyField: Bool { members.isEmpty }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.jsonObject(&self) }
}

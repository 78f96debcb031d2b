/// `google.protobuf.Any`: a message of a type that only its URL names.
public struct AnyMessage: Message, Hashable {
    public static let messageName = "google.protobuf.Any"
    private static let prefix = "type.googleapis.com/"

    /// What follows the last slash is the type's name: `type.googleapis.com/logs.Log`.
    public var typeURL = ""
    /// The message in protobuf.
    public var value: [UInt8] = []

    public init() {}

    public init(typeURL: String, value: [UInt8]) {
        self.typeURL = typeURL
        self.value = value
    }

    public init<Value: MessageValue>(packing value: Value) {
        typeURL = Self.prefix + Value.messageName
        self.value = Protobuf.encode(value)
    }

    /// The name of the type, without the host before it.
    public var valueName: Substring {
        typeURL.utf8.lastIndex(of: UInt8(ascii: "/")).map { typeURL[typeURL.index(after: $0)...] } ?? typeURL[...]
    }

    /// The message, if it is of this type.
    public func unpack<Value: MessageValue>(
        as type: Value.Type = Value.self, limits: ProtobufLimits = ProtobufLimits()
    ) throws(ProtobufError) -> Value? {
        guard valueName == Value.messageName else { return nil }
        return try Protobuf.decode(type, from: value, limits: limits)
    }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "type_url", &typeURL)
        visit.field(2, "value", &value)
    }

    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.any(&self) }
}

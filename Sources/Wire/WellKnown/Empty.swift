/// `google.protobuf.Empty`: a request or an answer that says nothing.
public struct Empty: Message, Hashable {
    public static let messageName = "google.protobuf.Empty"

    @inlinable
    public init() {}

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}

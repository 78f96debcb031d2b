/// `google.protobuf.NullValue`: an enumeration of one number, which proto3 JSON writes as null.
public struct NullValue: MessageEnum, Hashable {
    public static let enumName = "google.protobuf.NullValue"

    public var number: Int32

    @inlinable
    public init() { number = 0 }

    @inlinable
    public init?(number: Int32) { self.number = number }

    @inlinable public static var fieldDefault: NullValue { NullValue() }
    @inlinable public static var acceptsNull: Bool { true }

    public var name: String? { number == 0 ? "NULL_VALUE" : nil }

    public init?(name: String) {
        guard name == "NULL_VALUE" else { return nil }
        self.init()
    }
}

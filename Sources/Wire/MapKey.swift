/// A type that the keys of a map can have: `String`, `Bool`, and the integers of 32 and 64 bits.
public protocol MapKey: FieldValue, Hashable {
    /// The key in a text encoding, where every key is a string: `true`, `-12`.
    var keyText: String { get }
    /// Nil when the text is no such key.
    init?(keyText: String)

    /// Calls the one method of the visitor that fits a map with such keys.
    static func visitMap<Value: FieldValue, V: FieldVisitor>(_ map: inout [Self: Value], with visitor: inout V)
}

extension MapKey {
    @inlinable
    public static func visitMap<Value: FieldValue, V: FieldVisitor>(_ map: inout [Self: Value], with visitor: inout V) {
        visitor.map(keyed: &map)
    }
}

extension MapKey where Self: LosslessStringConvertible {
    public var keyText: String { description }
}

extension MapKey where Self: FixedWidthInteger {
    /// Decimal digits and a minus sign: Swift would take a plus sign as well.
    public init?(keyText: String) {
        guard keyText.utf8.first != UInt8(ascii: "+") else { return nil }
        self.init(keyText, radix: 10)
    }
}

extension Bool: MapKey {
    public init?(keyText: String) { self.init(keyText) }
}

extension Int: MapKey {}
extension Int32: MapKey {}
extension Int64: MapKey {}
extension UInt: MapKey {}
extension UInt32: MapKey {}
extension UInt64: MapKey {}

extension String: MapKey {
    @inlinable public init?(keyText: String) { self = keyText }

    @inlinable
    public static func visitMap<Value: FieldValue, V: FieldVisitor>(
        _ map: inout [String: Value], with visitor: inout V
    ) {
        visitor.map(&map)
    }
}

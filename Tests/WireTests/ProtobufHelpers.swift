import MartletWire

/// The bytes that a hexadecimal text spells, with spaces wherever they help.
func hex(_ text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func decoded<Value: MessageValue>(
    _ type: Value.Type, _ text: String, limits: ProtobufLimits = ProtobufLimits()
) throws(ProtobufError) -> Value {
    try Protobuf.decode(type, from: hex(text), limits: limits)
}

func protobufError<Value: MessageValue>(
    _ type: Value.Type, _ bytes: [UInt8], limits: ProtobufLimits = ProtobufLimits()
) -> ProtobufError? {
    do throws(ProtobufError) {
        _ = try Protobuf.decode(type, from: bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// A message without a place for fields that it does not know.
struct Forgetful: Message {
    static let messageName = "martlet.test.Forgetful"
    var number: Int32 = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "number", &number)
    }
}

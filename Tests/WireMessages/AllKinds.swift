// The messages of Tests/WirePeer/everything.proto, written by hand: for Wire's tests, its peer and its fuzzer.
package import MartletWire

/// A field of every kind that protobuf has.
package struct AllKinds: Message, Equatable {
    package static let messageName = "martlet.test.AllKinds"
    package var double = 0.0
    package var float: Float = 0
    package var int32: Int32 = 0
    package var int64: Int64 = 0
    package var uint32: UInt32 = 0
    package var uint64: UInt64 = 0
    package var sint32: Int32 = 0
    package var sint64: Int64 = 0
    package var fixed32: UInt32 = 0
    package var fixed64: UInt64 = 0
    package var sfixed32: Int32 = 0
    package var sfixed64: Int64 = 0
    package var bool = false
    package var string = ""
    package var bytes: [UInt8] = []
    package var color = Color.fieldDefault
    package var leaf: Leaf?
    package var unknownFields = UnknownFields()

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "double_field", &double)
        visit.field(2, "float_field", &float)
        visit.field(3, "int32_field", &int32)
        visit.field(4, "int64_field", &int64)
        visit.field(5, "uint32_field", &uint32)
        visit.field(6, "uint64_field", &uint64)
        visit.field(7, "sint32_field", &sint32, .zigZag)
        visit.field(8, "sint64_field", &sint64, .zigZag)
        visit.field(9, "fixed32_field", &fixed32, .fixedWidth)
        visit.field(10, "fixed64_field", &fixed64, .fixedWidth)
        visit.field(11, "sfixed32_field", &sfixed32, .fixedWidth)
        visit.field(12, "sfixed64_field", &sfixed64, .fixedWidth)
        visit.field(13, "bool_field", &bool)
        visit.field(14, "string_field", &string)
        visit.field(15, "bytes_field", &bytes)
        visit.field(16, "color", &color)
        visit.field(17, "leaf", &leaf)
        visit.unknownFields(&unknownFields)
    }
}

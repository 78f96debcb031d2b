internal import MartletWire

struct FieldDescriptor: Message {
    /// As protoc numbers them; 10, a group, is proto2's.
    enum Kind: Int32 {
        case double = 1
        case float, int64, uint64, int32, fixed64, fixed32, bool, string
        case message = 11
        case bytes, uint32, enumeration, sfixed32, sfixed64, sint32, sint64
    }

    struct Options: Message {
        static let messageName = "google.protobuf.FieldOptions"
        var isPacked: Bool?
        var isDeprecated = false

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(2, "packed", &isPacked)
            visit.field(3, "deprecated", &isDeprecated)
        }
    }

    static let messageName = "google.protobuf.FieldDescriptorProto"
    static let repeatedLabel: Int32 = 3

    var name = ""
    var number: Int32 = 0
    var label: Int32 = 0
    var kind: Int32 = 0
    /// Of a message or an enumeration, with a dot before it: `.logs.Log`.
    var typeName = ""
    var options = Options()
    var oneofIndex: Int32?
    var jsonName = ""
    /// Declared `optional`: then its oneof is protoc's own, with nothing else in it.
    var isOptional = false

    var isRepeated: Bool { label == Self.repeatedLabel }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(3, "number", &number)
        visit.field(4, "label", &label)
        visit.field(5, "type", &kind)
        visit.field(6, "type_name", &typeName)
        visit.field(8, "options", &options)
        visit.field(9, "oneof_index", &oneofIndex)
        visit.field(10, "json_name", &jsonName)
        visit.field(17, "proto3_optional", &isOptional)
    }
}

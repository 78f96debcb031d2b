internal import MartletWire

struct MessageDescriptor: Message {
    struct Options: Message {
        static let messageName = "google.protobuf.MessageOptions"
        var isDeprecated = false
        /// The type that protoc makes of `map<K, V>`.
        var isMapEntry = false

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(3, "deprecated", &isDeprecated)
            visit.field(7, "map_entry", &isMapEntry)
        }
    }

    struct Oneof: Message {
        static let messageName = "google.protobuf.OneofDescriptorProto"
        var name = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
    }

    static let messageName = "google.protobuf.DescriptorProto"
    var name = ""
    var fields: [FieldDescriptor] = []
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var options = Options()
    var oneofs: [Oneof] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "field", &fields)
        visit.field(3, "nested_type", &messages)
        visit.field(4, "enum_type", &enums)
        visit.field(7, "options", &options)
        visit.field(8, "oneof_decl", &oneofs)
    }
}

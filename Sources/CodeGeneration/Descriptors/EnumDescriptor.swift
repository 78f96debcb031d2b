internal import MartletWire

struct EnumDescriptor: Message {
    struct Value: Message {
        static let messageName = "google.protobuf.EnumValueDescriptorProto"
        var name = ""
        var number: Int32 = 0
        var options = Options()

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.field(2, "number", &number)
            visit.field(3, "options", &options)
        }
    }

    /// Of a value; those of the enumeration itself have this under 3.
    struct Options: Message {
        static let messageName = "google.protobuf.EnumValueOptions"
        var isDeprecated = false

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "deprecated", &isDeprecated) }
    }

    static let messageName = "google.protobuf.EnumDescriptorProto"
    var name = ""
    var values: [Value] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "value", &values)
    }
}

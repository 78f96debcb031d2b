internal import MartletWire

// The parts of `google/protobuf/descriptor.proto` that generated code depends on.

/// A `.proto` file as protoc has understood it.
struct FileDescriptor: Message {
    struct Options: Message {
        static let messageName = "google.protobuf.FileOptions"
        /// What every name of a type begins with in Swift.
        var swiftPrefix = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(39, "swift_prefix", &swiftPrefix)
        }
    }

    static let messageName = "google.protobuf.FileDescriptorProto"
    /// Of ``sourceInfo``: descriptors in programs go without.
    static let sourceInfoNumber = 9

    var name = ""
    var package = ""
    var imports: [String] = []
    var messages: [MessageDescriptor] = []
    var enums: [EnumDescriptor] = []
    var services: [ServiceDescriptor] = []
    var options = Options()
    var sourceInfo = SourceInfo()
    /// Empty for proto2.
    var syntax = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "package", &package)
        visit.field(3, "dependency", &imports)
        visit.field(4, "message_type", &messages)
        visit.field(5, "enum_type", &enums)
        visit.field(6, "service", &services)
        visit.field(8, "options", &options)
        visit.field(Self.sourceInfoNumber, "source_code_info", &sourceInfo)
        visit.field(12, "syntax", &syntax)
    }
}

/// Where in the file things stand, and what is said about them.
struct SourceInfo: Message {
    struct Location: Message {
        static let messageName = "google.protobuf.SourceCodeInfo.Location"
        /// Field numbers and indices down from the file's descriptor: `[4, 0, 2, 1]` is the first message's second field.
        var path: [Int32] = []
        var leadingComments = ""
        var trailingComments = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "path", &path)
            visit.field(3, "leading_comments", &leadingComments)
            visit.field(4, "trailing_comments", &trailingComments)
        }
    }

    static let messageName = "google.protobuf.SourceCodeInfo"
    var locations: [Location] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "location", &locations)
    }
}

package import MartletWire

/// What a plugin answers protoc.
package struct CodeGeneratorResponse: Message {
    package struct File: Message, Hashable {
        package static let messageName = "google.protobuf.compiler.CodeGeneratorResponse.File"

        package var name = ""
        package var content = ""

        package init() {}

        package init(name: String, content: String) {
            self.name = name
            self.content = content
        }

        package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.field(15, "content", &content)
        }
    }

    package static let messageName = "google.protobuf.compiler.CodeGeneratorResponse"
    /// `FEATURE_PROTO3_OPTIONAL`
    package static let optionalFields: UInt64 = 1

    /// What is wrong with the schema, for the person who runs protoc.
    package var error: String?
    package var supportedFeatures = Self.optionalFields
    package var files: [File] = []

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "error", &error)
        visit.field(2, "supported_features", &supportedFeatures)
        visit.field(15, "file", &files)
    }
}

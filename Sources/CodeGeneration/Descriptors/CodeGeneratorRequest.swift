// CodeGeneration: Swift from .proto files, as protoc's plugin protoc-gen-martlet writes it. Descriptors/ is what protoc
// says about a schema, Schema/ is that with every name looked up, Naming/ is how things are called in Swift, Emission/
// writes the text. Messages in, texts out: no files and no processes, which are protoc's.

package import MartletWire

/// What protoc asks a plugin: `google/protobuf/compiler/plugin.proto`.
package struct CodeGeneratorRequest: Message {
    package static let messageName = "google.protobuf.compiler.CodeGeneratorRequest"

    package var filesToGenerate: [String] = []
    /// `visibility=public,import=Models`
    package var parameter = ""
    /// Each a `FileDescriptorProto`, those that are imported before those that import them. As bytes, since what is kept
    /// for reflection must be all of it, and not the part that is known here.
    package var files: [[UInt8]] = []

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "file_to_generate", &filesToGenerate)
        visit.field(2, "parameter", &parameter)
        visit.field(15, "proto_file", &files)
    }
}

internal import MartletCore
internal import MartletWire

/// Which file declares what, from the schemas of the services.
final class ReflectionIndex: Sendable {
    private let services: [String]
    private let files: [String: SchemaFile]
    /// Fully qualified, without a dot in front.
    private let symbols: [String: SchemaFile]

    init(_ services: [GRPCService], besides names: [String]) {
        self.services = (services.map(\.name) + names).sorted()
        var files: [String: SchemaFile] = [:]
        var symbols: [String: SchemaFile] = [:]
        func add(_ file: SchemaFile) {
            guard files[file.name] == nil else { return }
            files[file.name] = file
            file.imports.forEach(add)
            guard let declared = try? Protobuf.decode(FileDescriptor.self, from: file.descriptor) else { return }
            for name in declared.symbols { symbols[name] = file }
        }
        for service in services { service.schema.map(add) }
        self.files = files
        self.symbols = symbols
    }

    func answer(_ request: ReflectionRequest) -> ReflectionResponse {
        var response = ReflectionResponse()
        response.validHost = request.host
        response.originalRequest = request
        if request.listServices != nil {
            var list = ReflectionResponse.ServiceList()
            for name in services {
                var entry = ReflectionResponse.ServiceEntry()
                entry.name = name
                list.services.append(entry)
            }
            response.services = list
        } else if let file = request.fileByName.flatMap({ files[$0] }) {
            response.files = Self.withImports(file)
        } else if let file = request.fileContainingSymbol.flatMap({ symbols[$0] }) {
            response.files = Self.withImports(file)
        } else {
            var failure = ReflectionResponse.Failure()
            failure.code = Int32(ServiceError.Code.notFound.grpcCode)
            failure.text = "not found"
            response.failure = failure
        }
        return response
    }

    /// The file first, and what it needs, each once.
    private static func withImports(_ file: SchemaFile) -> ReflectionResponse.Files {
        var found = ReflectionResponse.Files()
        var names: Set<String> = []
        func add(_ file: SchemaFile) {
            guard names.insert(file.name).inserted else { return }
            found.descriptors.append(file.descriptor)
            file.imports.forEach(add)
        }
        add(file)
        return found
    }
}

/// As much of `google.protobuf.FileDescriptorProto` as has names.
private struct FileDescriptor: Message {
    static let messageName = "google.protobuf.FileDescriptorProto"
    var package = ""
    var messages: [MessageDescriptor] = []
    var enums: [NestedNames] = []
    var services: [NestedNames] = []
    var extensions: [Name] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "package", &package)
        visit.field(4, "message_type", &messages)
        visit.field(5, "enum_type", &enums)
        visit.field(6, "service", &services)
        visit.field(7, "extension", &extensions)
    }

    var symbols: [String] {
        let scope = package.isEmpty ? "" : package + "."
        return messages.flatMap { $0.symbols(in: scope) } + enums.flatMap { $0.values(in: scope) }
            + services.flatMap { $0.members(in: scope) } + extensions.map { scope + $0.name }
    }
}

private struct MessageDescriptor: Message {
    static let messageName = "google.protobuf.DescriptorProto"
    var name = ""
    var fields: [Name] = []
    var messages: [MessageDescriptor] = []
    var enums: [NestedNames] = []
    var extensions: [Name] = []
    var oneofs: [Name] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "field", &fields)
        visit.field(3, "nested_type", &messages)
        visit.field(4, "enum_type", &enums)
        visit.field(6, "extension", &extensions)
        visit.field(8, "oneof_decl", &oneofs)
    }

    func symbols(in scope: String) -> [String] {
        let own = scope + name
        let inside = own + "."
        return [own] + (fields + extensions + oneofs).map { inside + $0.name }
            + messages.flatMap { $0.symbols(in: inside) } + enums.flatMap { $0.values(in: inside) }
    }
}

/// An enumeration with its values, or a service with its methods.
private struct NestedNames: Message {
    static let messageName = "google.protobuf.EnumDescriptorProto"
    var name = ""
    var inside: [Name] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "value", &inside)
    }

    func members(in scope: String) -> [String] { [scope + name] + inside.map { scope + name + "." + $0.name } }

    /// An enumeration's values stand beside it, not in it.
    func values(in scope: String) -> [String] { [scope + name] + inside.map { scope + $0.name } }
}

private struct Name: Message {
    static let messageName = "google.protobuf.FieldDescriptorProto"
    var name = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
}

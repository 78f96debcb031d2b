internal import MartletCore
internal import MartletWire

/// grpc.reflection (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md): what is served here, for tools
/// that have no schema. Both versions say the same.
struct ReflectionService {
    let index: ReflectionIndex

    private static let names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

    /// Of both versions, about the services given and themselves.
    static func mounted(for services: [GRPCService]) -> [GRPCService] {
        let index = ReflectionIndex(services, besides: names)
        return names.map { name in
            var visitor = GRPCMethodVisitor(name)
            ReflectionService(index: index).visitMethods(&visitor)
            return GRPCService(name: name, schema: nil, methods: visitor.methods)
        }
    }

    func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.streaming(
            "ServerReflectionInfo",
            Endpoint("reflection") { (call: RPCStream<ReflectionRequest, ReflectionResponse>) in
                while let request = try await call.requests.next() {
                    try await call.responses.send(index.answer(request))
                }
            }, kind: .bidirectional)
    }
}

struct ReflectionRequest: Message {
    static let messageName = "grpc.reflection.v1.ServerReflectionRequest"
    var host = ""
    var fileByName: String?
    var fileContainingSymbol: String?
    var fileContainingExtension: ExtensionRequest?
    var extensionNumbersOfType: String?
    var listServices: String?

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "host", &host)
        visit.field(3, "file_by_filename", &fileByName, .oneof(1))
        visit.field(4, "file_containing_symbol", &fileContainingSymbol, .oneof(1))
        visit.field(5, "file_containing_extension", &fileContainingExtension, .oneof(1))
        visit.field(6, "all_extension_numbers_of_type", &extensionNumbersOfType, .oneof(1))
        visit.field(7, "list_services", &listServices, .oneof(1))
    }
}

struct ExtensionRequest: Message {
    static let messageName = "grpc.reflection.v1.ExtensionRequest"
    var containingType = ""
    var extensionNumber: Int32 = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "containing_type", &containingType)
        visit.field(2, "extension_number", &extensionNumber)
    }
}

struct ReflectionResponse: Message {
    static let messageName = "grpc.reflection.v1.ServerReflectionResponse"
    var validHost = ""
    var originalRequest: ReflectionRequest?
    var files: Files?
    var services: ServiceList?
    var failure: Failure?

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "valid_host", &validHost)
        visit.field(2, "original_request", &originalRequest)
        visit.field(4, "file_descriptor_response", &files, .oneof(1))
        visit.field(6, "list_services_response", &services, .oneof(1))
        visit.field(7, "error_response", &failure, .oneof(1))
    }

    struct Files: Message {
        static let messageName = "grpc.reflection.v1.FileDescriptorResponse"
        var descriptors: [[UInt8]] = []

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "file_descriptor_proto", &descriptors)
        }
    }

    struct ServiceList: Message {
        static let messageName = "grpc.reflection.v1.ListServiceResponse"
        var services: [ServiceEntry] = []

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "service", &services) }
    }

    struct ServiceEntry: Message {
        static let messageName = "grpc.reflection.v1.ServiceResponse"
        var name = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
    }

    struct Failure: Message {
        static let messageName = "grpc.reflection.v1.ErrorResponse"
        var code: Int32 = 0
        var text = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "error_code", &code)
            visit.field(2, "error_message", &text)
        }
    }
}

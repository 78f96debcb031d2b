internal import MartletWire

struct ServiceDescriptor: Message {
    struct Method: Message {
        static let messageName = "google.protobuf.MethodDescriptorProto"
        var name = ""
        /// With a dot before it: `.logs.LogRequest`.
        var input = ""
        var output = ""
        var options = Options()
        var isClientStreaming = false
        var isServerStreaming = false

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.field(2, "input_type", &input)
            visit.field(3, "output_type", &output)
            visit.field(4, "options", &options)
            visit.field(5, "client_streaming", &isClientStreaming)
            visit.field(6, "server_streaming", &isServerStreaming)
        }
    }

    struct Options: Message {
        static let messageName = "google.protobuf.MethodOptions"
        var isDeprecated = false
        /// The extension `google.api.http`.
        var http: HTTPRule?

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(33, "deprecated", &isDeprecated)
            visit.field(72_295_728, "http", &http)
        }
    }

    static let messageName = "google.protobuf.ServiceDescriptorProto"
    var name = ""
    var methods: [Method] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "method", &methods)
    }
}

/// How a method is reached by REST: `google/api/http.proto`.
struct HTTPRule: Message {
    struct Custom: Message {
        static let messageName = "google.api.CustomHttpPattern"
        var kind = ""
        var path = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "kind", &kind)
            visit.field(2, "path", &path)
        }
    }

    static let messageName = "google.api.HttpRule"
    var get = ""
    var put = ""
    var post = ""
    var delete = ""
    var patch = ""
    var body = ""
    var custom = Custom()
    var additional: [HTTPRule] = []
    var responseBody = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(2, "get", &get)
        visit.field(3, "put", &put)
        visit.field(4, "post", &post)
        visit.field(5, "delete", &delete)
        visit.field(6, "patch", &patch)
        visit.field(7, "body", &body)
        visit.field(8, "custom", &custom)
        visit.field(11, "additional_bindings", &additional)
        visit.field(12, "response_body", &responseBody)
    }

    /// The method and the path; nil when the rule has none.
    var route: (method: String, path: String)? {
        let all = [
            ("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch),
            (custom.kind, custom.path),
        ]
        return all.first { !$0.1.isEmpty }
    }
}

public import MartletCore

/// A service of remote procedures: its name, and its methods as endpoints.
///
/// Generated from a `.proto`, or written by hand. Each transport is a visitor over the methods and mounts those that it
/// can carry, so that an endpoint is written once and reached by all of them:
///
///     struct LogService: RPCService {
///         static let serviceName = "logs.LogService"
///         var writeLog: Endpoint<LogRequest, LogResponse>
///
///         func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
///             visit.unary("WriteLog", writeLog)
///         }
///     }
public protocol RPCService: Sendable {
    /// The schema's name with its package: `logs.LogService`.
    static var serviceName: String { get }
    /// The file that declares it, for those who ask a server what it offers; nil where there is none.
    static var schema: SchemaFile? { get }

    /// The one description of the methods.
    func visitMethods<V: RPCMethodVisitor>(_ visit: inout V)
}

extension RPCService {
    public static var schema: SchemaFile? { nil }
}

/// One transport, as seen from a service's description.
public protocol RPCMethodVisitor {
    /// One request, one response.
    /// - Parameters:
    ///   - name: As the schema has it: `WriteLog`.
    ///   - routes: The `google.api.http` annotation: how it is reached by REST.
    mutating func unary<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute])

    /// Either side, or both, may send any number of messages.
    mutating func streaming<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind)
}

extension RPCMethodVisitor {
    public mutating func unary<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<Request, Response>
    ) {
        unary(name, endpoint, routes: [])
    }
}

/// Which side of a call sends more than one message.
public enum RPCKind: Sendable, Hashable {
    case unary
    case clientStreaming
    case serverStreaming
    case bidirectional
}

/// How a method is reached by REST: one binding of its `google.api.http` annotation.
public struct RPCRoute: Sendable, Hashable {
    /// `GET`, `POST`, …
    public var method: String
    /// With fields of the request in braces: `/v1/logs/{id}`.
    public var path: String
    /// The field of the request that is the body; `*` for all that the path does not have; empty for no body, when the
    /// rest comes from the query.
    public var body: String

    public init(_ method: String, _ path: String, body: String = "") {
        self.method = method
        self.path = path
        self.body = body
    }
}

/// A `.proto` file in its compiled form.
public struct SchemaFile: Sendable {
    /// `logs.proto`
    public let name: String
    /// A serialised `google.protobuf.FileDescriptorProto`.
    public let descriptor: [UInt8]
    /// The files that it imports.
    public let imports: [SchemaFile]

    public init(name: String, descriptor: [UInt8], imports: [SchemaFile] = []) {
        self.name = name
        self.descriptor = descriptor
        self.imports = imports
    }

    /// As generated code has it; text that is no base64 makes an empty descriptor.
    public init(name: String, base64: String, imports: [SchemaFile] = []) {
        self.init(name: name, descriptor: Base64.decode(base64.utf8) ?? [], imports: imports)
    }
}

public import MartletCore
public import MartletWire

/// A method as it is mounted: its path, and the endpoint that serves one call of it.
public final class GRPCMethod: Sendable {
    /// `/logs.LogService/WriteLog`
    public let path: String
    public let kind: RPCKind
    let pathBytes: [UInt8]
    /// Inside of the server's middlewares.
    let endpoint: Endpoint<GRPCServerCall, Void>

    @usableFromInline
    init(path: String, kind: RPCKind, endpoint: Endpoint<GRPCServerCall, Void>) {
        self.path = path
        pathBytes = Array(path.utf8)
        self.kind = kind
        self.endpoint = endpoint
    }

    /// Whether the call begins with one message and no more.
    var takesOneMessage: Bool { kind == .unary || kind == .serverStreaming }

    func wrapped(in middlewares: [any Middleware]) -> GRPCMethod {
        middlewares.isEmpty ? self : GRPCMethod(path: path, kind: kind, endpoint: endpoint.with(middlewares))
    }
}

/// A service with its methods, ready to be mounted.
public struct GRPCService: Sendable {
    public let name: String
    public let schema: SchemaFile?
    public internal(set) var methods: [GRPCMethod]

    /// Specialises where it is called, which is where the messages are known.
    @inlinable
    public init<Service: RPCService>(_ service: Service) {
        var visitor = GRPCMethodVisitor(Service.serviceName)
        service.visitMethods(&visitor)
        self.init(name: Service.serviceName, schema: Service.schema, methods: visitor.methods)
    }

    @usableFromInline
    init(name: String, schema: SchemaFile?, methods: [GRPCMethod]) {
        self.name = name
        self.schema = schema
        self.methods = methods
    }
}

/// Collects the services of a server.
@resultBuilder
public enum GRPCServiceBuilder {
    @inlinable
    public static func buildExpression<Service: RPCService>(_ service: Service) -> [GRPCService] {
        [GRPCService(service)]
    }
    public static func buildExpression(_ service: GRPCService) -> [GRPCService] { [service] }
    public static func buildBlock(_ services: [GRPCService]...) -> [GRPCService] { services.flatMap { $0 } }
    public static func buildOptional(_ services: [GRPCService]?) -> [GRPCService] { services ?? [] }
    public static func buildEither(first services: [GRPCService]) -> [GRPCService] { services }
    public static func buildEither(second services: [GRPCService]) -> [GRPCService] { services }
    public static func buildArray(_ services: [[GRPCService]]) -> [GRPCService] { services.flatMap { $0 } }
}

/// Makes gRPC's endpoints of a service's.
@usableFromInline
struct GRPCMethodVisitor: RPCMethodVisitor {
    private let service: String
    @usableFromInline var methods: [GRPCMethod] = []

    @usableFromInline
    init(_ service: String) { self.service = service }

    @inlinable
    mutating func unary<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute]
    ) {
        mount(name, .unary, endpoint.name, isProbe: endpoint.isProbe) { call in
            let request = try call.takeRequest(Request.self)
            call.answer(try await endpoint(request))
        }
    }

    @inlinable
    mutating func streaming<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind
    ) {
        mount(name, kind, endpoint.name, isProbe: endpoint.isProbe) { call in
            try await endpoint(
                RPCStream(
                    requests: GRPCServerSource<Request>(call),
                    responses: GRPCServerSink<Response>(call, isSingle: kind == .clientStreaming)))
        }
    }

    @usableFromInline
    mutating func mount(
        _ name: String, _ kind: RPCKind, _ operation: String, isProbe: Bool,
        _ body: @escaping @Sendable (GRPCServerCall) async throws -> Void
    ) {
        let endpoint = Endpoint(operation, exchange: Self.exchange, body)
        methods.append(
            GRPCMethod(path: "/\(service)/\(name)", kind: kind, endpoint: isProbe ? endpoint.asProbe() : endpoint))
    }

    private static var exchange: Exchange<GRPCServerCall, Void> {
        Exchange(
            transport: "grpc", inbound: { InboundContext($0) }, outcome: { _ in .ok },
            failure: { error in
                let code = ServiceError(hiding: error).code
                return Outcome(failure: code, status: code.grpcCode)
            })
    }
}

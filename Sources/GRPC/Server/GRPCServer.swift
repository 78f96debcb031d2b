public import MartletCore
public import MartletHTTP
public import MartletRuntime

/// A server of gRPC alone. To serve gRPC and HTTP on one port, give an ``HTTPServer`` ``GRPCServices``.
///
///     let server = try GRPCServer(port: 50001, middlewares: [setup.defaults]) {
///         LogService(writeLog: book.writeLog)
///         HealthService(health)
///     }
///     try await server.run()
public final class GRPCServer: Service {
    private let server: HTTPServer

    public struct Limits: Sendable {
        /// Of a message as it arrives, and when it is decompressed, in bytes.
        public var messageBytes = 4 << 20
        /// Of the connections, the metadata (``HTTPServer/Limits/head``) and the streams.
        public var http = HTTPServer.Limits()

        public init() {
            http.http2.keepalive = .seconds(120)
            // gRPC's clients keep their connections.
            http.idle = .seconds(1800)
        }
    }

    /// - Parameters:
    ///   - port: 0 for any free one; see ``address``.
    ///   - middlewares: around every method; the first is the outermost.
    /// - Throws: `invalidArgument` for a host that is no address, or a service that is mounted twice.
    public convenience init(
        name: String = "grpc", host: String = "127.0.0.1", port: UInt16, limits: Limits = Limits(),
        middlewares: [any Middleware] = [], reflection: Bool = true, group: EventLoopGroup = .shared,
        @GRPCServiceBuilder services: () throws -> [GRPCService]
    ) throws {
        try self.init(
            name: name, address: SocketAddress(host: host, port: port),
            GRPCServices(limits: limits, middlewares: middlewares, reflection: reflection, services: services),
            group: group)
    }

    public init(
        name: String = "grpc", address: SocketAddress, _ services: GRPCServices, group: EventLoopGroup = .shared
    ) throws {
        let refusal = HTTPHandler(http: "not gRPC") { request in
            guard request.method == .post else { throw HTTPError(.methodNotAllowed, "gRPC is called with POST") }
            throw HTTPError(.unsupportedMediaType, "gRPC is spoken here: content-type application/grpc")
        }
        server = HTTPServer(
            name: name, address: address, handler: refusal, streams: services.acceptor,
            limits: services.limits.http, group: group)
    }

    public var name: String { server.name }

    /// Where the server listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { server.address }

    /// Connections that are open now.
    public var connectionCount: Int { server.connectionCount }

    /// Serves until the shutdown is asked for, and then until the calls that have begun are finished.
    public func run() async throws { try await server.run() }

    /// Binds and begins to serve.
    public func start() throws { try server.start() }

    /// Lets the calls in progress finish, with a limit of time, and closes.
    public func drain() async { await server.drain() }

    /// Closes everything at once.
    public func stop() { server.stop() }
}

/// Services mounted for gRPC.
public struct GRPCServices: Sendable {
    let acceptor: GRPCAcceptor
    let limits: GRPCServer.Limits

    /// - Parameters:
    ///   - reflection: also answers those who ask what is served here (grpc.reflection.v1 and v1alpha).
    /// - Throws: `invalidArgument` for a service that is mounted twice.
    public init(
        limits: GRPCServer.Limits = GRPCServer.Limits(), middlewares: [any Middleware] = [], reflection: Bool = true,
        @GRPCServiceBuilder services: () throws -> [GRPCService]
    ) throws {
        var all = try services()
        if reflection { all += ReflectionService.mounted(for: all) }
        self.limits = limits
        let methods = all.flatMap { $0.methods.map { $0.wrapped(in: middlewares) } }
        acceptor = GRPCAcceptor(
            table: try GRPCMethodTable(methods), services: Set(all.map(\.name)), limits: limits)
    }
}

extension HTTPServer {
    /// A server of both: streams of gRPC go to its services, everything else to `handler`.
    public convenience init(
        name: String = "http", address: SocketAddress, handler: HTTPHandler, grpc: GRPCServices,
        limits: Limits = Limits(), group: EventLoopGroup = .shared
    ) {
        self.init(
            name: name, address: address, handler: handler, streams: grpc.acceptor, limits: limits, group: group)
    }
}

/// Takes the streams of HTTP/2 that speak gRPC.
final class GRPCAcceptor: HTTP2Acceptor {
    private let table: GRPCMethodTable
    private let services: Set<String>
    private let limits: GRPCServer.Limits

    init(table: GRPCMethodTable, services: Set<String>, limits: GRPCServer.Limits) {
        self.table = table
        self.services = services
        self.limits = limits
    }

    func accept(_ stream: HTTP2Stream) -> Bool {
        let head = GRPCRequestHead(stream.headers)
        guard head.isGRPC, stream.method == .post, let loop = EventLoop.current else { return false }
        guard let method = stream.withTarget({ table.method(at: $0) }) else {
            refuse(stream)
            return true
        }
        GRPCServerCall(stream, method, head, limits, on: loop).begin()
        return true
    }

    private func refuse(_ stream: HTTP2Stream) {
        let path = stream.withTarget { String(decoding: $0.prefix(256), as: UTF8.self) }
        let service = path.dropFirst().prefix { $0 != "/" }
        let what = services.contains(String(service)) ? "method \(path)" : "service \(service)"
        var trailers = GRPCHeads.plain
        GRPCStatus(ServiceError(.unimplemented, "unknown \(what)")).add(to: &trailers)
        stream.sendHead(.ok, trailers, isLast: true)
    }
}

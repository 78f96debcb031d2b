public import MartletCore
public import MartletWire

/// The methods that a ``NetRPCServer`` answers.
///
///     var methods = NetRPCMethods(setup.defaults)
///     methods.method("RPCServer.LogInfo", logBook.writeLog) { entry, _ in "Processed payload via RPC:\(entry.name)" }
public struct NetRPCMethods: Sendable {
    private(set) var methods: [String: NetRPCMethod] = [:]
    private(set) var services: Set<String> = []
    @usableFromInline let middlewares: [any Middleware]

    /// - Parameter middlewares: around every method; the first is the outermost.
    public init(_ middlewares: [any Middleware] = []) { self.middlewares = middlewares }

    /// Mounts an endpoint under `Service.Method`. A second one of the same name takes the place of the first.
    /// - Parameter reply: what is answered, from the argument and what the endpoint returned.
    @inlinable
    public mutating func method<Argument: FieldValue, Response, Reply: FieldValue>(
        _ name: String, _ endpoint: Endpoint<Argument, Response>,
        reply: @escaping @Sendable (Argument, Response) -> Reply
    ) {
        let mounted = Endpoint<NetRPCRequest<Argument>, Response>(endpoint.name, exchange: .netRPC()) { request in
            try await endpoint(request.argument)
        }
        let whole = middlewares.isEmpty ? mounted : mounted.with(middlewares)
        add(
            name,
            NetRPCMethod { message, bytes, decoder, call throws(GobError) in
                let argument = try decoder.decode(Argument.self, from: message, in: bytes)
                call.run { call in
                    let response = try await whole(NetRPCRequest(argument, inbound: call.inbound))
                    call.succeed(reply(argument, response))
                }
            })
    }

    /// Mounts an endpoint whose response is the reply.
    @inlinable
    public mutating func method<Argument: FieldValue, Reply: FieldValue>(
        _ name: String, _ endpoint: Endpoint<Argument, Reply>
    ) {
        method(name, endpoint, reply: { _, reply in reply })
    }

    @usableFromInline
    mutating func add(_ name: String, _ method: NetRPCMethod) {
        methods[name] = method
        if let dot = name.lastIndex(of: ".") { services.insert(String(name[..<dot])) }
    }

    /// What Go says of a name that has no method.
    func refusal(of name: String) -> ServiceError {
        guard let dot = name.lastIndex(of: ".") else {
            return ServiceError(.invalidArgument, "rpc: service/method request ill-formed: \(name)")
        }
        let isKnown = services.contains(String(name[..<dot]))
        return ServiceError(.unimplemented, "rpc: can't find \(isKnown ? "method" : "service") \(name)")
    }
}

/// A method with its types forgotten.
@usableFromInline
struct NetRPCMethod: Sendable {
    @usableFromInline
    typealias Begin =
        @Sendable (GobMessage, UnsafeRawBufferPointer, GobDecoder, NetRPCServerCall) throws(GobError) -> Void

    /// Reads the argument and begins the call.
    @usableFromInline let begin: Begin

    @usableFromInline
    init(_ begin: @escaping Begin) { self.begin = begin }
}

public import MartletCore
public import MartletHTTP
public import MartletWire

extension Router {
    /// Mounts the methods of a service that have routes (the annotation `google.api.http`), in the JSON of proto3.
    ///
    ///     try router.rest(Items(shelf))                     // GET /v1/items/{id}?limit=5
    ///
    /// A path's parameters name fields of the request, `{place.room}` one of a message in it. The body is the request
    /// (`*`) or one of its fields. Unless the body is all of it, the query has the other fields, by the names of the
    /// schema or of JSON; a repeated one as often as it has elements. What is thrown is answered as the router answers.
    ///
    /// - Throws: ``RouterError`` for a route that names no field of the request.
    @inlinable
    public mutating func rest<Service: RPCService>(
        _ service: Service, access: Access = .sameOrigin, bodyLimit: Int = Router.defaultBodyLimit
    ) throws {
        var mounting = RESTMounting(router: self, access: access, bodyLimit: bodyLimit)
        service.visitMethods(&mounting)
        if let mistake = mounting.mistake { throw mistake }
        self = mounting.router
    }
}

/// REST as a transport: the visitor of a service's description.
@usableFromInline
struct RESTMounting: RPCMethodVisitor {
    @usableFromInline var router: Router
    @usableFromInline let access: Router.Access
    @usableFromInline let bodyLimit: Int
    @usableFromInline var mistake: RouterError?

    @usableFromInline
    init(router: Router, access: Router.Access, bodyLimit: Int) {
        self.router = router
        self.access = access
        self.bodyLimit = bodyLimit
    }

    @inlinable
    mutating func unary<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<Request, Response>, routes: [RPCRoute]
    ) {
        for route in routes {
            let binding = RESTBinding(route)
            guard let method = HTTPMethod(route.method), binding.fits(Request.self) else {
                mistake = mistake ?? .invalidPattern("\(route.method) \(route.path)")
                continue
            }
            let handler = Endpoint<HTTPRequest, HTTPResponse>(http: endpoint.name) { request in
                .json(.ok, try await endpoint(try await binding.read(Request.self, from: request)), options: .proto3)
            }
            router.on(method, route.path, access: access, bodyLimit: bodyLimit, handler)
        }
    }

    /// HTTP has no form for them here.
    @inlinable
    mutating func streaming<Request: Message, Response: Message>(
        _ name: String, _ endpoint: Endpoint<RPCStream<Request, Response>, Void>, kind: RPCKind
    ) {}
}

public import MartletCore

/// Finds the endpoint for a request by path and method.
///
///     var router = Router()
///     router.get("/hello") { _ in .text("hello world\n") }
///     router.get("/users/{id}") { request in .text(request.parameters["id"] ?? "") }
///     router.get("/files/*", files.handler)
///     let handler = try router.handler()
///
/// A static segment goes before a `{parameter}`, which is one segment that is not empty, and this before a trailing
/// `*`, which is the rest of the path. Paths are compared as they were sent, percent-encoding and all; `//` is not `/`.
/// HEAD is answered by the GET route where no other is declared. Unknown paths, wrong methods and CORS are answered as
/// the Go originals do (contracts, course A.2).
public struct Router: Sendable {
    /// Which pages of other sites may use a route.
    public enum Access: Sendable {
        /// As the original services: any page, with credentials (contracts, course A.2).
        case original
        /// Pages of this server alone; anything that is no browser as well.
        case sameOrigin
        /// Anybody, under any host name, but without CORS: for what is the same for everybody, such as a page's files.
        case anywhere
    }

    /// One MiB, as the originals (contracts, course A.2).
    public static let defaultBodyLimit = 1 << 20

    struct Route: Sendable {
        var method: HTTPMethod
        var pattern: RoutePattern
        var access: Access
        var bodyLimit: Int
        var endpoint: HTTPHandler
    }

    private var routes: [Route] = []
    private var middlewares: [any Middleware] = []
    private var heartbeatPath: String?
    private var fallbackEndpoint: HTTPHandler?
    private var mistake: RouterError?
    private let origins: OriginPolicy
    private let failure: @Sendable (any Error) -> HTTPResponse

    /// - Parameters:
    ///   - origins: who may use the routes that are not ``Access/original``.
    ///   - failure: the answer when an endpoint throws.
    public init(
        origins: OriginPolicy = OriginPolicy(),
        failure: @escaping @Sendable (any Error) -> HTTPResponse = { HTTPResponse(failure: $0) }
    ) {
        self.origins = origins
        self.failure = failure
    }

    /// Declares a route. A mistake in it (a malformed pattern, a second route for the same method and path) is thrown
    /// by ``handler()``.
    ///
    /// - Parameter bodyLimit: in bytes; reading more throws ``HTTPBodyTooLarge`` in the endpoint.
    public mutating func on(
        _ method: HTTPMethod, _ path: String, access: Access = .sameOrigin, bodyLimit: Int = defaultBodyLimit,
        _ endpoint: HTTPHandler
    ) {
        do throws(RouterError) {
            let pattern = try RoutePattern(path)
            if routes.contains(where: { $0.method == method && $0.pattern.matchesTheSame(as: pattern) }) {
                throw .duplicate("\(method) \(path)")
            }
            routes.append(
                Route(method: method, pattern: pattern, access: access, bodyLimit: bodyLimit, endpoint: endpoint))
        } catch {
            mistake = mistake ?? error
        }
    }

    /// Declares a route whose endpoint is named after it: `GET /users/{id}`.
    public mutating func on(
        _ method: HTTPMethod, _ path: String, access: Access = .sameOrigin, bodyLimit: Int = defaultBodyLimit,
        _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        on(method, path, access: access, bodyLimit: bodyLimit, Endpoint(http: "\(method) \(path)", body))
    }

    public mutating func get(
        _ path: String, access: Access = .sameOrigin,
        _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        on(.get, path, access: access, body)
    }

    public mutating func post(
        _ path: String, access: Access = .sameOrigin, bodyLimit: Int = defaultBodyLimit,
        _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        on(.post, path, access: access, bodyLimit: bodyLimit, body)
    }

    /// Wraps every route and the router's own answers (404, 405, preflights, the heartbeat); the first is the
    /// outermost.
    public mutating func use(_ middlewares: any Middleware...) { self.middlewares += middlewares }
    public mutating func use(_ middlewares: [any Middleware]) { self.middlewares += middlewares }

    /// Answers GET and HEAD of this path, compared without regard to case, with 200 and a dot, as the originals do.
    public mutating func heartbeat(_ path: String = "/ping") { heartbeatPath = path }

    /// Answers every method of every path that no route has, instead of 404. Open to ``Access/anywhere``.
    public mutating func fallback(_ endpoint: HTTPHandler) { fallbackEndpoint = endpoint }

    /// The whole as one handler, for a server or for a test.
    public func handler() throws(RouterError) -> HTTPHandler {
        if let mistake { throw mistake }
        let compiled = CompiledRouter(
            routes: routes, middlewares: middlewares, heartbeatPath: heartbeatPath, fallback: fallbackEndpoint,
            origins: origins, failure: failure)
        return Endpoint(http: "router") { request in await compiled.respond(to: request) }
    }
}

/// A mistake in a router's declaration.
public enum RouterError: Error, Equatable, CustomStringConvertible {
    /// Two routes for one method and path.
    case duplicate(String)
    /// Not `/`-separated segments of literals, `{names}` and a trailing `*`.
    case invalidPattern(String)

    public var description: String {
        switch self {
        case .duplicate(let route): "\(route) is declared twice"
        case .invalidPattern(let pattern): "\"\(pattern)\" is not a route: /segments, {parameters}, * at the end"
        }
    }
}

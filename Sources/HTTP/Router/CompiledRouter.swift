internal import MartletCore

/// What a ``Router`` becomes: read-only, shared by every connection.
final class CompiledRouter: Sendable {
    /// A class, so that passing it on is one reference count and not one for each part of an endpoint.
    private final class Entry: Sendable {
        let endpoint: HTTPHandler
        let access: Router.Access
        let bodyLimit: Int
        let names: [String]
        /// For `Allow`.
        let allowedMethods: String

        init(
            _ endpoint: HTTPHandler, access: Router.Access, bodyLimit: Int = Router.defaultBodyLimit,
            names: [String] = [], allowedMethods: String = ""
        ) {
            self.allowedMethods = allowedMethods
            self.endpoint = endpoint
            self.access = access
            self.bodyLimit = bodyLimit
            self.names = names
        }
    }

    private let entries: [Entry]
    private let trie: RouteTrie
    private let origins: OriginPolicy
    private let failure: @Sendable (any Error) -> HTTPResponse
    /// Unknown paths are answered as the originals do where any of the originals' routes is served.
    private let unknownAccess: Router.Access
    private let heartbeatPath: String?

    private let heartbeat: Entry
    private let preflight: Entry
    private let serverOptions: Entry
    private let notFound: Entry
    private let methodNotAllowed: Entry
    private let foreignHost: Entry
    private let foreignOrigin: Entry

    init(
        routes: [Router.Route], middlewares: [any Middleware], heartbeatPath: String?, fallback: HTTPHandler?,
        origins: OriginPolicy, failure: @escaping @Sendable (any Error) -> HTTPResponse
    ) {
        var trie = RouteTrie()
        for (index, route) in routes.enumerated() {
            trie.insert(route.pattern, method: route.method, route: index)
        }
        self.trie = trie
        /// Inside the middlewares, which tell of an error with the status that it is answered with here.
        func mounted(_ endpoint: HTTPHandler) -> HTTPHandler {
            var exchange = endpoint.exchange
            exchange.failure = { .http($0, failure($0).status) }
            return endpoint.replacingExchange(exchange).with(middlewares)
        }
        entries = routes.map { route in
            Entry(
                mounted(route.endpoint), access: route.access, bodyLimit: route.bodyLimit,
                names: route.pattern.names, allowedMethods: Self.allowedMethods(like: route, among: routes))
        }
        let unknownAccess: Router.Access =
            fallback != nil ? .anywhere : routes.contains { $0.access == .original } ? .original : .sameOrigin
        func own(_ endpoint: HTTPHandler) -> Entry { Entry(mounted(endpoint), access: unknownAccess) }
        func own(
            _ name: String, _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
        ) -> Entry {
            own(Endpoint(http: name, body))
        }
        self.unknownAccess = unknownAccess
        self.heartbeatPath = heartbeatPath
        self.origins = origins
        self.failure = failure
        heartbeat = own(Endpoint(http: "GET \(heartbeatPath ?? "")") { _ in Self.alive }.asProbe())
        preflight = own("preflight") { CORS.preflight($0) }
        serverOptions = own("OPTIONS *") { _ in HTTPResponse(.ok) }
        notFound =
            fallback.map(own)
            ?? own("not found") { _ in Self.pageNotFound }
        methodNotAllowed = own("method not allowed") { _ in HTTPResponse(.methodNotAllowed) }
        foreignHost = own("foreign host") { _ in throw HTTPError(.forbidden, "this host name is not served here") }
        foreignOrigin = own("foreign origin") { _ in throw HTTPError(.forbidden, "not for pages of other sites") }
    }

    private static func allowedMethods(like route: Router.Route, among routes: [Router.Route]) -> String {
        let methods = routes.filter { $0.pattern.matchesTheSame(as: route.pattern) }.map(\.method)
        let withHead = methods.contains(.get) && !methods.contains(.head) ? methods + [.head] : methods
        return withHead.map(\.name).joined(separator: ", ")
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        var captures: [Range<Int>] = []
        let match = request.withPathBytes { trie.match($0, method: request.method, captures: &captures) }
        let access =
            switch match {
            case .route(let route), .wrongMethod(let route): entries[route].access
            case .none: unknownAccess
            }
        let entry = entry(for: request, match, access)
        var response: HTTPResponse
        do {
            if request.body.isEmpty, captures.isEmpty {
                response = try await entry.endpoint(request)
            } else {
                response = try await entry.endpoint(admit(request, to: entry, captures))
            }
        } catch {
            response = failure(error)
        }
        if access == .original {
            if entry !== preflight { CORS.mark(&response, for: request) }
        } else if entry === methodNotAllowed, case .wrongMethod(let route) = match {
            // RFC 9110 §15.5.6 asks for it; the originals do not send it.
            response.headers["Allow"] = entries[route].allowedMethods
        }
        return response
    }

    /// Who answers. The order is the originals': CORS, the heartbeat, then the routes.
    private func entry(for request: HTTPRequest, _ match: RouteTrie.Match, _ access: Router.Access) -> Entry {
        if access == .original, CORS.isPreflight(request) { return preflight }
        if heartbeatPath != nil, isHeartbeat(request) { return heartbeat }
        if access == .sameOrigin {
            switch origins.refusal(of: request) {
            case .none: break
            case .host: return foreignHost
            case .origin: return foreignOrigin
            }
        }
        switch match {
        case .route(let route): return entries[route]
        case .wrongMethod: return methodNotAllowed
        case .none: return isServerOptions(request) ? serverOptions : notFound
        }
    }

    private func admit(_ request: HTTPRequest, to entry: Entry, _ captures: [Range<Int>]) -> HTTPRequest {
        var request = request
        request.body = request.body.limited(to: entry.bodyLimit)
        if !entry.names.isEmpty {
            request.parameters = request.withPathBytes { path in
                PathParameters(
                    zip(entry.names, captures).map { name, range in
                        (name, percentDecoded(path.slice(range.lowerBound, range.upperBound), plusIsSpace: false))
                    })
            }
        }
        return request
    }

    private func isHeartbeat(_ request: HTTPRequest) -> Bool {
        guard var heartbeatPath, request.method == .get || request.method == .head else { return false }
        return request.withPathBytes { path in
            guard path.count == heartbeatPath.utf8.count else { return false }
            return heartbeatPath.withUTF8 { path.equalsIgnoringCase(UnsafeRawBufferPointer($0)) }
        }
    }

    private func isServerOptions(_ request: HTTPRequest) -> Bool {
        request.method == .options && request.withPathBytes { $0.equalsCase("*") }
    }

    private static let alive = HTTPResponse(.ok, headers: ["Content-Type": "text/plain"], body: .string("."))

    private static let pageNotFound = HTTPResponse(
        .notFound,
        headers: ["Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"],
        body: .string("404 page not found\n"))
}

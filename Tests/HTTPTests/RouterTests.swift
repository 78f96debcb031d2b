import MartletCore
import Testing

@testable import MartletHTTP

@Suite("The router")
struct RouterTests {
    static func originals() throws -> HTTPHandler {
        var router = Router()
        router.heartbeat("/ping")
        router.on(.post, "/", access: .original) { _ in HTTPResponse(.ok, headers: .json, body: .string("{}")) }
        router.on(.post, "/handle", access: .original) { _ in HTTPResponse(.accepted) }
        router.on(.get, "/fails", access: .original) { _ in throw ServiceError(.invalidArgument, "no") }
        router.get("/logs") { _ in .text("logs") }
        return try router.handler()
    }

    static func send(
        _ handler: HTTPHandler, _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:]
    ) async throws -> (status: Int, body: String, headers: HTTPHeaders) {
        let response = try await handler(HTTPRequest(method, target, headers: headers))
        let body = try await response.body.collect(upTo: 10_000)
        return (response.status.code, String(decoding: body, as: UTF8.self), response.headers)
    }

    // MARK: The originals' rows (contracts, course A.2)

    @Test(
        "an unknown path is 404 with the originals' text",
        arguments: ["/nope", "//", "/handle/", "/HANDLE", "/handle/x"])
    func unknownPath(path: String) async throws {
        let answer = try await Self.send(Self.originals(), .get, path)
        #expect(answer.status == 404)
        #expect(answer.body == "404 page not found\n")
        #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers.values(of: "Vary") == ["Origin"])
    }

    @Test(
        "a known path with another method is 405, empty, without Allow",
        arguments: [
            HTTPMethod.get, .head, .put, .delete, .patch, .options, .trace,
        ])
    func wrongMethod(method: HTTPMethod) async throws {
        let answer = try await Self.send(Self.originals(), method, "/handle")
        #expect(answer.status == 405)
        #expect(answer.body.isEmpty)
        #expect(!answer.headers.contains("Allow"))
    }

    @Test(
        "the heartbeat answers GET and HEAD, in any case",
        arguments: [
            (HTTPMethod.get, "/ping"), (.head, "/ping"), (.get, "/PING"), (.get, "/Ping?x=1"),
        ])
    func heartbeat(method: HTTPMethod, path: String) async throws {
        let answer = try await Self.send(Self.originals(), method, path)
        #expect(answer.status == 200)
        #expect(answer.body == ".")
        #expect(answer.headers["Content-Type"] == "text/plain")
    }

    @Test("POST to the heartbeat is 404", arguments: [HTTPMethod.post, .options, .delete])
    func heartbeatMethod(method: HTTPMethod) async throws {
        #expect(try await Self.send(Self.originals(), method, "/ping").status == 404)
    }

    @Test(
        "without an allowed origin there is Vary alone",
        arguments: [nil, "null", "ftp://a", "file://", "chrome-extension://x"])
    func noOrigin(origin: String?) async throws {
        var headers = HTTPHeaders()
        headers["Origin"] = origin
        let answer = try await Self.send(Self.originals(), .post, "/handle", headers)
        #expect(answer.status == 202)
        #expect(answer.headers.map { "\($0): \($1)" } == ["Vary: Origin"])
    }

    @Test(
        "an allowed origin is echoed, also on 404, 405 and failures",
        arguments: [
            (HTTPMethod.post, "/handle", 202), (.get, "/handle", 405), (.get, "/nope", 404), (.get, "/ping", 200),
            (.get, "/fails", 400),
        ])
    func allowedOrigin(method: HTTPMethod, path: String, status: Int) async throws {
        for origin in ["http://a.example", "https://b.example:8443", "HTTP://C"] {
            let answer = try await Self.send(Self.originals(), method, path, ["Origin": origin])
            #expect(answer.status == status)
            #expect(answer.headers.values(of: "Vary") == ["Origin"])
            #expect(answer.headers["Access-Control-Allow-Origin"] == origin)
            #expect(answer.headers["Access-Control-Allow-Credentials"] == "true")
            #expect(answer.headers["Access-Control-Expose-Headers"] == "Link")
        }
    }

    static let threeVaries = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]

    @Test("a preflight is 200 on any path", arguments: ["/", "/handle", "/nope", "/ping", "//"])
    func preflight(path: String) async throws {
        let answer = try await Self.send(
            Self.originals(), .options, path,
            [
                "Origin": "https://a", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,x-csrf-token, AUTHORIZATION",
            ])
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.headers.values(of: "Vary") == Self.threeVaries)
        #expect(answer.headers["Access-Control-Allow-Origin"] == "https://a")
        #expect(answer.headers["Access-Control-Allow-Methods"] == "POST")
        #expect(answer.headers["Access-Control-Allow-Headers"] == "Content-Type, X-Csrf-Token, Authorization")
        #expect(answer.headers["Access-Control-Allow-Credentials"] == "true")
        #expect(answer.headers["Access-Control-Max-Age"] == "300")
    }

    @Test("a preflight without asked fields does not name any")
    func preflightWithoutFields() async throws {
        let answer = try await Self.send(
            Self.originals(), .options, "/", ["Origin": "https://a", "Access-Control-Request-Method": "delete"])
        #expect(answer.headers["Access-Control-Allow-Methods"] == "DELETE")
        #expect(!answer.headers.contains("Access-Control-Allow-Headers"))
    }

    @Test(
        "what a preflight may not ask for is left out",
        arguments: [
            ("https://a", "PATCH", "content-type"), ("https://a", "POST", "x-other"), ("null", "POST", ""),
            ("", "POST", ""),
        ])
    func refusedPreflight(origin: String, method: String, fields: String) async throws {
        var headers: HTTPHeaders = ["Access-Control-Request-Method": method, "Access-Control-Request-Headers": fields]
        if !origin.isEmpty { headers["Origin"] = origin }
        let answer = try await Self.send(Self.originals(), .options, "/handle", headers)
        #expect(answer.status == 200)
        #expect(answer.headers.values(of: "Vary") == Self.threeVaries)
        #expect(answer.headers.count == 3)
    }

    @Test("OPTIONS that is no preflight goes to the routes")
    func optionsFallsThrough() async throws {
        let answer = try await Self.send(Self.originals(), .options, "/handle", ["Origin": "https://a"])
        #expect(answer.status == 405)
        #expect(answer.headers["Access-Control-Allow-Origin"] == "https://a")
    }

    // MARK: Routes that are not open to the web

    @Test(
        "a route of our own answers pages of this server alone",
        arguments: [
            ("localhost:8080", nil, 200), ("localhost:8080", "http://localhost:8080", 200), ("a", "http://a:80", 200),
            ("a:443", "https://a", 200), ("localhost:8080", "http://localhost:8081", 403),
            ("localhost:8080", "https://evil.example", 403), ("localhost:8080", "null", 403), ("127.0.0.1:1", nil, 200),
            ("[::1]:1", "http://[::1]:1", 200), ("logger-service", nil, 200), ("evil.example", nil, 403),
            ("evil.example", "http://evil.example", 403), ("app.localhost", nil, 200),
            ("1.2.3.4.evil.example", nil, 403),
            ("evil.example.", nil, 403), ("own.example", "https://own.example", 200),
            ("own.example", "https://trusted.example", 200),
        ])
    func sameOrigin(host: String, origin: String?, status: Int) async throws {
        var router = Router(
            origins: OriginPolicy(hosts: ["own.example"], trustedOrigins: ["https://trusted.example"]))
        router.get("/logs") { _ in .text("logs") }
        var headers: HTTPHeaders = ["Host": host]
        headers["Origin"] = origin
        let answer = try await Self.send(router.handler(), .get, "/logs", headers)
        #expect(answer.status == status)
        #expect(!answer.headers.contains("Access-Control-Allow-Origin"))
    }

    @Test("a preflight does not open a route of our own")
    func sameOriginPreflight() async throws {
        let headers: HTTPHeaders = [
            "Host": "a", "Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
        ]
        let answer = try await Self.send(Self.originals(), .options, "/logs", headers)
        #expect(answer.status == 403)
        #expect(!answer.headers.contains("Access-Control-Allow-Origin"))
    }

    @Test("a wrong method on a route of our own is told the right ones")
    func allow() async throws {
        var router = Router()
        router.get("/logs/{id}") { _ in HTTPResponse(.ok) }
        router.on(.delete, "/logs/{name}") { _ in HTTPResponse(.ok) }
        let answer = try await Self.send(router.handler(), .post, "/logs/7")
        #expect(answer.status == 405)
        #expect(answer.headers["Allow"] == "GET, DELETE, HEAD")
    }

    // MARK: Matching

    @Test(
        "the most specific route answers",
        arguments: [
            ("GET", "/users/me", "me"), ("GET", "/users/7", "user 7"), ("PUT", "/users/me", "put me"),
            ("GET", "/users/a%2Fb%20c", "user a/b c"), ("GET", "/users/7/posts/8", "7 8"),
            ("GET", "/users/me/x", "rest me/x"),
            ("GET", "/users/", "rest "), ("GET", "/users", "404"), ("GET", "/", "root"), ("HEAD", "/users/me", "me"),
            ("DELETE", "/users/me", "405"), ("GET", "/files", "404"), ("OPTIONS", "*", ""),
        ])
    func precedence(method: String, path: String, expected: String) async throws {
        var router = Router()
        router.get("/") { _ in .text("root") }
        router.get("/users/me") { _ in .text("me") }
        router.on(.put, "/users/{name}") { .text("put \($0.parameters["name"] ?? "")") }
        router.get("/users/{id}") { .text("user \($0.parameters["id"] ?? "")") }
        router.get("/users/{id}/posts/{post}") { .text("\($0.parameters["id"] ?? "") \($0.parameters["post"] ?? "")") }
        router.get("/users/*") { .text("rest \($0.parameters["*"] ?? "")") }
        let answer = try await Self.send(router.handler(), #require(HTTPMethod(method)), path)
        #expect((answer.status == 200 ? answer.body : "\(answer.status)") == expected)
    }

    @Test(
        "a fallback answers every method of every path that no route has, for any host and without CORS",
        arguments: [(HTTPMethod.get, "/"), (.post, "/nowhere"), (.delete, "//"), (.options, "/x")])
    func fallback(method: HTTPMethod, path: String) async throws {
        var router = Router()
        router.get("/livez") { _ in .text("ok\n") }
        router.fallback(Endpoint(http: "page") { _ in .text("the page") })
        let handler = try router.handler()
        let headers: HTTPHeaders = ["Host": "front-end.info", "Origin": "http://elsewhere.example"]
        let answer = try await Self.send(handler, method, path, headers)
        #expect(answer.status == 200)
        #expect(answer.body == "the page")
        #expect(!answer.headers.contains("Access-Control-Allow-Origin"))
        // The routes that are there keep to themselves.
        #expect(try await Self.send(handler, .get, "/livez").body == "ok\n")
        #expect(try await Self.send(handler, .get, "/livez", headers).status == 403)
        #expect(try await Self.send(handler, .post, "/livez").status == 405)
    }

    @Test("mistakes in the declaration are found when the handler is made")
    func mistakes() {
        func mistake(_ paths: String...) -> RouterError? {
            var router = Router()
            for path in paths { router.get(path) { _ in HTTPResponse(.ok) } }
            do throws(RouterError) {
                _ = try router.handler()
                return nil
            } catch {
                return error
            }
        }
        #expect(mistake("/a", "/b") == nil)
        #expect(mistake("/a", "/a") == .duplicate("GET /a"))
        #expect(mistake("/{a}/x", "/{b}/x") == .duplicate("GET /{b}/x"))
        for pattern in ["", "a", "/{}", "/{a", "/*/b", "/a*", "/{a}/{a}", "/a b", "/a?b"] {
            #expect(mistake(pattern) == .invalidPattern(pattern))
        }
    }

    @Test("middleware wraps the routes and the router's own answers")
    func middleware() async throws {
        final class Names: Middleware {
            let seen = Locked<[String]>([])
            func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
                let exchange = next.exchange
                return next.replacingBody { [seen] request in
                    let response = try await next(request)
                    seen.withLock { $0.append("\(next.name) \(exchange.outcome(response).status)") }
                    return response
                }
            }
        }
        let names = Names()
        var router = Router()
        router.get("/a") { _ in HTTPResponse(.ok) }
        router.heartbeat()
        router.use(names)
        let handler = try router.handler()
        _ = try await Self.send(handler, .get, "/a")
        _ = try await Self.send(handler, .get, "/b")
        _ = try await Self.send(handler, .post, "/a")
        _ = try await Self.send(handler, .get, "/ping")
        #expect(
            names.seen.withLock { $0 }
                == ["GET /a 200", "not found 404", "method not allowed 405", "GET /ping 200"])
    }

    @Test("a body over the route's limit is refused when it is read")
    func bodyLimit() async throws {
        var router = Router()
        router.on(.post, "/small", bodyLimit: 3) { request in
            let body = try await request.body.collect(upTo: 1000)
            return .text(String(decoding: body, as: UTF8.self))
        }
        router.on(.post, "/unread", bodyLimit: 3) { _ in HTTPResponse(.ok) }
        let handler = try router.handler()
        func status(_ path: String, _ body: String) async throws -> Int {
            try await handler(HTTPRequest(.post, path, body: .string(body))).status.code
        }
        #expect(try await status("/small", "abc") == 200)
        #expect(try await status("/small", "abcd") == 413)
        #expect(try await status("/unread", "abcd") == 200)
    }
}

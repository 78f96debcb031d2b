import MartletHTTP
import Testing

@testable import BrokerService
@testable import LoggerService

/// One of each row of contracts, course A.2, for the router and CORS; all of them are the router's own tests.
@Suite("The broker's routes and CORS", .timeLimit(.minutes(1)))
struct RouterEndToEndTests {
    @Test("POST / says that the broker was hit, whatever the body")
    func hit() async throws {
        try await withService(BrokerApp.self) { broker in
            for body in ["", "{", "null"] {
                try await broker.post("/", body).isEnvelope(200, #"{"error":false,"message":"Hit the broker"}"#)
            }
        }
    }

    @Test("/ping answers a dot to GET and HEAD, in any case, and to nobody else")
    func ping() async throws {
        try await withService(BrokerApp.self) { broker in
            for path in ["/ping", "/PiNg"] {
                let reply = try await broker.get(path)
                #expect(reply.status == 200 && reply.body == ".")
                #expect(reply.headers["Content-Type"] == "text/plain")
            }
            let head = try await broker.send(.head, "/ping")
            #expect(head.status == 200 && head.body.isEmpty && head.headers["Content-Length"] == "1")
            #expect(try await broker.post("/ping", "").status == 404)
        }
    }

    @Test("unknown paths are chi's 404, wrong methods its bare 405")
    func unknown() async throws {
        try await withService(BrokerApp.self) { broker in
            for path in ["/nothing", "//", "/handle/"] {
                let reply = try await broker.post(path, "{}")
                #expect(reply.status == 404 && reply.body == "404 page not found\n", "\(path)")
                #expect(reply.headers["Content-Type"] == "text/plain; charset=utf-8")
                #expect(reply.headers["X-Content-Type-Options"] == "nosniff")
                #expect(reply.fields == ["content-type", "vary", "x-content-type-options"])
            }
            for method in [HTTPMethod.get, .head, .put, .options] {
                let reply = try await broker.send(method, "/handle")
                #expect(reply.status == 405 && reply.body.isEmpty && reply.fields == ["vary"], "\(method)")
            }
        }
    }

    @Test("an allowed origin is echoed, also on errors; a disallowed one gets Vary alone")
    func origins() async throws {
        let allowed = [
            "access-control-allow-credentials", "access-control-allow-origin", "access-control-expose-headers", "vary",
        ]
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            let page: HTTPHeaders = ["Origin": "http://localhost:8001"]
            let good = try await logger.post("/log", #"{"name":"n"}"#, headers: page)
            good.isEnvelope(202, #"{"error":false,"message":"logged"}"#, fields: (allowed + ["content-type"]).sorted())
            #expect(good.headers["Access-Control-Allow-Origin"] == "http://localhost:8001")
            #expect(good.headers["Access-Control-Allow-Credentials"] == "true")
            #expect(good.headers["Access-Control-Expose-Headers"] == "Link")
            #expect(good.headers["Vary"] == "Origin")
            #expect(try await logger.get("/log", headers: page).fields == allowed)
            let bad = try await logger.post("/log", "", headers: ["Origin": "null"])
            bad.isEnvelope(400, #"{"error":true,"message":"EOF"}"#)
        }
    }

    @Test("a preflight is always 200 and empty, and says what is allowed")
    func preflight() async throws {
        try await withService(BrokerApp.self) { broker in
            let asked: HTTPHeaders = [
                "Origin": "https://example.com", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            ]
            let reply = try await broker.send(.options, "/handle", headers: asked)
            #expect(reply.status == 200 && reply.body.isEmpty)
            #expect(
                reply.headers.values(of: "Vary")
                    == ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"])
            #expect(reply.headers["Access-Control-Allow-Origin"] == "https://example.com")
            #expect(reply.headers["Access-Control-Allow-Methods"] == "POST")
            #expect(reply.headers["Access-Control-Allow-Headers"] == "Content-Type")
            #expect(reply.headers["Access-Control-Max-Age"] == "300")
            let refused: HTTPHeaders = ["Origin": "https://example.com", "Access-Control-Request-Method": "PATCH"]
            let bare = try await broker.send(.options, "/any/where", headers: refused)
            #expect(bare.status == 200 && bare.fields == ["vary", "vary", "vary"])
        }
    }

    @Test("pages of other sites, and foreign host names, do not get what is not the originals'")
    func foreign() async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            for path in ["/logs", "/metrics", "/readyz", "/livez"] {
                for headers: HTTPHeaders in [["Origin": "http://evil.example"], ["Origin": "null"]] {
                    let reply = try await logger.get(path, headers: headers)
                    reply.isEnvelope(
                        403, #"{"error":true,"message":"not for pages of other sites"}"#, fields: ["content-type"])
                }
                #expect(try await logger.get(path, headers: ["Origin": "\(logger.base)"]).status == 200, "\(path)")
            }
        }
        let hosts = ["DSN": "sqlite::memory:", "ALLOWED_HOSTS": "logs.example.com"]
        try await withService(LoggerApp.self, hosts) { logger in
            for (host, status) in [("evil.example", 403), ("logs.example.com", 200), ("localhost:8082", 200)] {
                let reply = try await logger.raw("GET /logs HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
                #expect(reply.hasPrefix("HTTP/1.1 \(status) "), "\(host)")
            }
        }
    }
}

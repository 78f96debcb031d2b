import MartletCore
import MartletHTTP
import Testing

@testable import FrontEndService

@Suite("The front end")
struct FrontEndTests {
    private let frontEnd: FrontEnd

    init() throws {
        frontEnd = try FrontEnd(broker: "http://localhost:8080", services: ["auth", "log"])
    }

    private func answer(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:]
    ) async throws -> (response: HTTPResponse, text: String) {
        let response = try await frontEnd.handler(HTTPRequest(method, target, headers: headers))
        return (response, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }

    @Test(
        "every path and every method gets the page",
        arguments: [
            (HTTPMethod.get, "/"), (.get, "/any/where?a=b"), (.post, "/"), (.put, "/handle"), (.delete, "/ping"),
            (.options, "/"), (.patch, "/x"), (.head, "/x"), (.post, "/app.css"), (.get, "/app.css/"),
            (.get, "//app.js"),
            (.get, "/logs"), (.get, "/mailbox/1/html"),
        ])
    func everyPath(method: HTTPMethod, target: String) async throws {
        let (response, text) = try await answer(method, target)
        #expect(response.status == .ok)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(text.contains("<h1>Test microservices</h1>"))
    }

    @Test(
        "the page's files are given out as what they are",
        arguments: [
            ("/app.css", "text/css; charset=utf-8", "--paper"),
            ("/app.js", "text/javascript; charset=utf-8", "import"),
            ("/tests.js", "text/javascript; charset=utf-8", "Some kind of gRPC data"),
            ("/log.js", "text/javascript; charset=utf-8", "EventSource"),
            ("/mailbox.js", "text/javascript; charset=utf-8", "sandbox"),
            ("/favicon.svg", "image/svg+xml", "<svg"),
        ])
    func files(path: String, type: String, part: String) async throws {
        let (response, text) = try await answer(.get, path + "?version=1")
        #expect(response.status == .ok)
        #expect(response.headers["Content-Type"] == type)
        #expect(text.contains(part))
    }

    @Test(
        "a file that the browser has already is not sent again",
        arguments: ["/", "/app.css", "/app.js", "/favicon.svg"])
    func notModified(path: String) async throws {
        let tag = try #require(try await answer(.get, path).response.headers["ETag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "\"other\",W/\(tag) ", "*"] {
            let (response, text) = try await answer(.get, path, headers: ["If-None-Match": known])
            #expect(response.status == .notModified && text.isEmpty, "\(known)")
            #expect(response.headers["ETag"] == tag)
        }
        for other in ["\"other\"", "", ",", tag + "x"] {
            let response = try await answer(.get, path, headers: ["If-None-Match": other]).response
            #expect(response.status == .ok, "\(other)")
        }
    }

    @Test("only reading is conditional: another method gets the page whatever the browser has")
    func conditionalPost() async throws {
        let (response, text) = try await answer(.post, "/", headers: ["If-None-Match": "*"])
        #expect(response.status == .ok && text.contains("<h1>"))
    }

    @Test(
        "every answer has the headers that keep a page safe",
        arguments: ["/", "/x", "/app.css", "/app.js", "/favicon.svg"])
    func safety(path: String) async throws {
        let headers = try await answer(.get, path).response.headers
        #expect(!headers.isMalformed)
        #expect(headers["X-Content-Type-Options"] == "nosniff")
        #expect(headers["Referrer-Policy"] == "no-referrer")
        #expect(headers["Cross-Origin-Opener-Policy"] == "same-origin")
        #expect(headers["Cross-Origin-Resource-Policy"] == "same-origin")
        #expect(headers["X-Frame-Options"] == "DENY")
        let policy = try #require(headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(headers["Access-Control-Allow-Origin"] == nil, "the front end is for its own origin")
    }
}

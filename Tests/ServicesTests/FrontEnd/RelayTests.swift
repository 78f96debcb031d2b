import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import FrontEndService

@Suite("What the front end passes on", .timeLimit(.minutes(1)))
struct RelayTests {
    private func withFrontEnd(
        _ behind: StandIn, _ environment: [String: String] = [:], _ body: (LiveService) async throws -> Void
    ) async throws {
        let settings = ["LOGGER_URL": behind.url, "MAIL_URL": behind.url, "PAGE_SERVICES": "log mail"]
        try await withService(FrontEndApp.self, settings.merging(environment) { $1 }, body)
    }

    @Test(
        "a request goes on as the route says, with its query and nothing else of it",
        arguments: [
            (HTTPMethod.get, "/logs?limit=5&name=a%20b", "GET /logs?limit=5&name=a%20b"), (.get, "/logs", "GET /logs"),
            (.get, "/mailbox?limit=2&cursor=9", "GET /messages?limit=2&cursor=9"),
            (.get, "/mailbox/12", "GET /messages/12"), (.get, "/mailbox/012", "GET /messages/12"),
            (.get, "/mailbox/12?x=y", "GET /messages/12"), (.delete, "/mailbox/12", "DELETE /messages/12"),
            (.get, "/mailbox/12/html", "GET /messages/12/html"), (.get, "/mailbox/12/plain", "GET /messages/12/plain"),
            (.get, "/mailbox/12/source", "GET /messages/12/source"),
            (.get, "/mailbox/12/attachments/0", "GET /messages/12/attachments/0"),
        ])
    func routes(method: HTTPMethod, target: String, passedOn: String) async throws {
        let behind = try StandIn(.ok, #"{"a":1}"#)
        try await withFrontEnd(behind) { page in
            let headers: HTTPHeaders = [
                "Cookie": "session=1", "Authorization": "Bearer x", "X-Forwarded-For": "1.2.3.4", "Range": "bytes=0-1",
                "Last-Event-ID": "7", "Origin": page.base.description,
            ]
            let reply = try await page.send(method, target, headers: headers)
            #expect(reply.status == 200 && reply.body == #"{"a":1}"#)
            #expect(behind.requests.map(\.line) == [passedOn])
            let sent = try #require(behind.requests.first?.headers)
            for (name, _) in headers { #expect(sent[name] == nil, "\(name)") }
        }
    }

    @Test(
        "what an answer is to the browser is decided here, whatever the service says",
        arguments: [
            ("/logs", "application/json"), ("/mailbox", "application/json"), ("/mailbox/1", "application/json"),
            ("/mailbox/1/plain", "text/plain; charset=utf-8"), ("/mailbox/1/source", "text/plain; charset=utf-8"),
            ("/mailbox/1/attachments/1", "application/octet-stream"),
        ])
    func types(target: String, type: String) async throws {
        let behind = try StandIn(
            .ok, "<script>alert(1)</script>",
            headers: [
                "Content-Type": "text/html", "Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*", "Link": "</x>",
                "Content-Security-Policy": "default-src *", "Content-Disposition": "inline; filename=x.html",
            ])
        try await withFrontEnd(behind) { page in
            let reply = try await page.get(target)
            #expect(reply.headers["Content-Type"] == type)
            #expect(reply.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'")
            let common = [
                "cache-control", "content-security-policy", "content-type", "cross-origin-resource-policy",
                "referrer-policy", "x-content-type-options",
            ]
            let isFile = target.contains("attachments")
            #expect(reply.fields == (isFile ? common + ["content-disposition"] : common).sorted())
            #expect(reply.headers["Content-Disposition"] == (isFile ? "attachment" : nil))
        }
    }

    @Test("the name of an attachment is kept")
    func attachmentName() async throws {
        let disposition = "attachment; filename*=UTF-8''Z%C3%BCrich.pdf"
        let behind = try StandIn(.ok, "x", headers: ["Content-Disposition": disposition])
        try await withFrontEnd(behind) { page in
            let reply = try await page.get("/mailbox/1/attachments/0")
            #expect(reply.headers["Content-Disposition"] == disposition)
        }
    }

    @Test("a mail's page gets an empty sandbox and may fetch nothing")
    func html() async throws {
        let behind = try StandIn(.ok, "<h1>Hi</h1>", headers: ["Content-Type": "text/html; charset=us-ascii"])
        try await withFrontEnd(behind) { page in
            let reply = try await page.get("/mailbox/1/html")
            #expect(reply.body == "<h1>Hi</h1>" && reply.headers["Content-Type"] == "text/html; charset=utf-8")
            let policy = try #require(reply.headers["Content-Security-Policy"])
            #expect(policy.hasPrefix("sandbox; default-src 'none'; ") && policy.hasSuffix("frame-ancestors 'self'"))
            #expect(!policy.contains("allow") && !policy.contains("http") && !policy.contains("script"))
        }
    }

    @Test(
        "a path that is not one of these does not reach the service",
        arguments: [
            "/mailbox/x", "/mailbox/-1", "/mailbox/1%2Fhtml", "/mailbox/..%2F..%2Flog", "/mailbox/99999999999999999999",
            "/mailbox/1/attachments/x", "/mailbox/1/attachments/1%2F..",
        ])
    func numbers(target: String) async throws {
        let behind = try StandIn(.ok, "{}")
        try await withFrontEnd(behind) { page in
            let reply = try await page.get(target)
            #expect(reply.status == 404)
            #expect(behind.requests.isEmpty)
        }
    }

    @Test(
        "other paths and methods are not passed on",
        arguments: [
            (HTTPMethod.post, "/logs", 405), (.delete, "/mailbox", 405), (.post, "/mailbox/1", 405),
            (.put, "/mailbox/1", 405),
            (.get, "/log", 200), (.get, "/logs/x", 200), (.get, "/mailbox/1/redrive", 200), (.get, "/messages", 200),
            (.post, "/log", 200),
        ])
    func others(method: HTTPMethod, target: String, status: Int) async throws {
        let behind = try StandIn(.ok, "{}")
        try await withFrontEnd(behind) { page in
            let reply = try await page.send(method, target)
            #expect(reply.status == status && (status == 405 || reply.body.contains("<h1>Test microservices</h1>")))
            #expect(behind.requests.isEmpty)
        }
    }

    @Test(
        "a page of another site, or a name that is pointed here, reaches nothing",
        arguments: ["/logs", "/logs/stream", "/mailbox", "/mailbox/1", "/mailbox/1/html"])
    func foreign(target: String) async throws {
        let behind = try StandIn(.ok, "{}")
        try await withFrontEnd(behind) { page in
            for origin in ["http://elsewhere.example", "http://localhost:3000", "null"] {
                #expect(try await page.get(target, headers: ["Origin": origin]).status == 403)
                #expect(try await page.send(.delete, "/mailbox/1", headers: ["Origin": origin]).status == 403)
            }
            let rebound = try await page.raw(
                "GET \(target) HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            #expect(rebound.hasPrefix("HTTP/1.1 403 "))
            #expect(behind.requests.isEmpty)
        }
    }

    @Test("a refusal comes back as it was said, as JSON")
    func refusal() async throws {
        let behind = try StandIn(
            .serviceUnavailable, #"{"error":true,"message":"later"}"#,
            headers: ["Content-Type": "text/html", "Retry-After": "5"])
        try await withFrontEnd(behind) { page in
            for target in ["/logs", "/logs/stream", "/mailbox/1/html", "/mailbox/1/attachments/1"] {
                let reply = try await page.get(target)
                #expect(reply.status == 503 && reply.headers["Retry-After"] == "5")
                #expect(reply.headers["Content-Type"] == "application/json" && reply.body.contains("later"))
                #expect(reply.headers["Content-Disposition"] == nil)
            }
        }
    }

    @Test("a service that is not there is 503, in words")
    func unreachable() async throws {
        let nowhere = try await deadURL()
        let settings = ["LOGGER_URL": nowhere, "MAIL_URL": nowhere, "PAGE_SERVICES": "log mail"]
        try await withService(FrontEndApp.self, settings) { page in
            for target in ["/logs", "/logs/stream", "/mailbox"] {
                let reply = try await page.get(target)
                #expect(reply.status == 503 && reply.body.hasPrefix(#"{"error":true,"message":""#))
                #expect(reply.body.contains(nowhere.dropFirst("http://".count)))
            }
        }
    }

    @Test("an answer over the limit is refused, declared or not, without being held", arguments: [true, false])
    func tooLarge(isDeclared: Bool) async throws {
        let behind = try StandIn { _ in
            let size = Relay.sizeLimit + 1
            return HTTPResponse(
                .ok,
                body: .stream(length: isDeclared ? size : nil) { writer in
                    let piece = [UInt8](repeating: 0x78, count: 1 << 20)
                    for _ in 0..<(size >> 20) { try await writer.write(piece) }
                    try await writer.write([0x78])
                })
        }
        try await withFrontEnd(behind) { page in
            if isDeclared {
                #expect(try await page.get("/mailbox/1/source").status == 503)
            } else {
                // The head is gone by then; the body has no end.
                let text = try await page.raw("GET /mailbox/1/source HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(text.utf8.count > 1 << 20 && !text.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test("nothing is passed on where the page has nothing to show, or must not", arguments: ["off", "auto log"])
    func notShown(setting: String) async throws {
        let behind = try StandIn(.ok, "{}")
        let words = setting.split(separator: " ")
        let environment = ["PAGE_RELAY": String(words[0]), "PAGE_SERVICES": words.count > 1 ? "auth" : "log mail"]
        try await withFrontEnd(behind, environment) { page in
            for target in ["/logs", "/logs/stream", "/mailbox", "/mailbox/1"] {
                let reply = try await page.get(target)
                #expect(reply.body.contains(#"<meta name="panels" content="">"#))
            }
            let reply = try await page.send(.delete, "/mailbox/1")
            #expect(reply.body.contains("<h1>"))
            #expect(behind.requests.isEmpty)
        }
    }

    @Test(
        "a network gets to see log lines and mails only if an operator says so",
        arguments: [
            ("127.0.0.1", "auto", true), ("127.0.0.2", "auto", true), ("::1", "auto", true), ("0.0.0.0", "auto", false),
            ("::", "auto", false), ("192.0.2.1", "auto", false), ("0.0.0.0", "on", true), ("127.0.0.1", "off", false),
        ])
    func exposure(host: String, setting: String, isOn: Bool) throws {
        let environment = ["HOST": host, "PAGE_RELAY": setting]
        let configuration = try Configuration.load(
            StandardKeys.everyService + FrontEndApp.keys, from: Configuration.Input(environment: environment))
        #expect(FrontEndApp.relays(configuration) == isOn)
    }
}

@Suite("The stream that the front end passes on", .timeLimit(.minutes(1)))
struct RelayedStreamTests {
    private func withFrontEnd(_ behind: StandIn, _ body: (LiveService) async throws -> Void) async throws {
        let settings = ["LOGGER_URL": behind.url, "PAGE_SERVICES": "log"]
        try await withService(FrontEndApp.self, settings, body)
    }

    @Test("each event arrives before the next is made; the last id and the filters go along")
    func live() async throws {
        let mayGoOn = ShutdownSignal()
        let behind = try StandIn { request in
            .events { events in
                try await events.send(ServerSentEvent(data: "first", id: "8"))
                await mayGoOn.wait()
                try await events.send(ServerSentEvent(data: "second", id: "9"))
            }
        }
        try await withFrontEnd(behind) { page in
            let events = try await page.follow("/logs/stream?after=3&name=event", after: "7")
            #expect(events.headers["Content-Type"] == "text/event-stream")
            #expect(events.headers["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(try await events.next() == .init(id: "8", data: "first"))
            mayGoOn.trigger()
            #expect(try await events.next() == .init(id: "9", data: "second"))
            #expect(try await events.next() == nil)
            let asked = try #require(behind.requests.first)
            #expect(asked.line == "GET /logs/stream?after=3&name=event" && asked.headers["Last-Event-ID"] == "7")
        }
    }

    @Test("a reader who goes away frees the stream behind")
    func gone() async throws {
        let isGone = ShutdownSignal()
        let behind = try StandIn { _ in
            .events { events in
                defer { isGone.trigger() }
                try await events.send(data: "first")
                await ShutdownSignal().wait()
            }
        }
        try await withFrontEnd(behind) { page in
            var events: EventReader? = try await page.follow()
            #expect(try await events?.next()?.data == "first")
            events = nil
            await isGone.wait()
        }
    }

    @Test("the end of the front end ends the stream")
    func ends() async throws {
        let behind = try StandIn { _ in
            .events { events in
                try await events.send(data: "first")
                await ShutdownSignal().wait()
            }
        }
        var events: EventReader?
        try await withFrontEnd(behind) { page in
            events = try await page.follow()
            #expect(try await events?.next()?.data == "first")
        }
        #expect(try await events?.next() == nil)
    }

    @Test("a logger that breaks off ends the stream, and the page may ask again")
    func breaks() async throws {
        let behind = try StandIn { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write("data: first\n\n")
                    throw CancellationError()
                })
        }
        try await withFrontEnd(behind) { page in
            for _ in 0..<2 {
                let events = try await page.follow()
                #expect(try await events.next()?.data == "first")
                #expect(try await events.next() == nil)
            }
        }
    }
}

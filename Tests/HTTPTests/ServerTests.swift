import Glibc
import MartletCore
import MartletRuntime
import Synchronization
import Testing

@testable import MartletHTTP

@Suite("The server", .serialized, .timeLimit(.minutes(1)))
struct ServerTests {
    static func routes(_ router: inout Router) {
        router.get("/hello") { _ in .text("hello world\n") }
        router.get("/n/{n}") { .text($0.parameters["n"] ?? "") }
        router.get("/nothing") { _ in HTTPResponse(.noContent) }
        router.get("/fails") { _ in throw RawClient.Failure(description: "a secret") }
        router.get("/injects") { _ in HTTPResponse(.ok, headers: ["X": "a\r\nSet-Cookie: b"]) }
        router.get("/closes") { _ in HTTPResponse(.ok, headers: ["Connection": "close"], body: .string("x")) }
        router.post("/echo") { request in
            let body = try await request.body.collect(upTo: 1 << 20)
            var headers = HTTPHeaders()
            if let trailer = request.body.trailers["X-Sum"] { headers["X-Got"] = trailer }
            return HTTPResponse(.ok, headers: headers, body: .bytes(body))
        }
        router.post("/ignores") { _ in .text("ignored") }
        router.get("/stream") { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write("one")
                    try await writer.write("")
                    try await writer.write("three")
                    writer.setTrailers(["X-Sum": "8"])
                })
        }
        router.get("/counted/{n}") { request in
            let length = Int(request.parameters["n"] ?? "")
            return HTTPResponse(.ok, body: .stream(length: length) { try await $0.write("12345") })
        }
    }

    @Test(
        "an error that names a status keeps it through the default stack",
        arguments: [
            ("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n", 409), ("GET /fails HTTP/1.1\r\nHost: a\r\n\r\n", 500),
            ("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789", 413),
            ("POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n", 413),
            ("POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx0\r\n\r\n", 400),
        ])
    func visibleErrors(request: String, status: Int) async throws {
        try await withServer { router in
            router.use(DefaultStack(.disabled))
            router.get("/busy") { _ in throw HTTPError(.conflict, "busy") }
            router.get("/fails") { _ in throw RawClient.Failure(description: "a secret") }
            router.post("/read") { .text("\(try await $0.body.collect(upTo: 8).count)") }
        } _: { server in
            let client = try RawClient(server)
            try client.send(request)
            #expect(try client.readResponse().head.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test("a connection serves request after request")
    func keepAlive() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            for _ in 0..<3 {
                try client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let (head, body) = try client.readResponse()
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: "))
                #expect(head.hasSuffix(" GMT\r\nContent-Length: 12\r\n\r\n"))
                #expect(body == "hello world\n")
            }
        }
    }

    @Test(
        "the connection ends when either side says so",
        arguments: [
            ("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "Connection: close\r\n"),
            ("GET /closes HTTP/1.1\r\nHost: localhost\r\n\r\n", "Connection: close\r\n"),
            ("GET /hello HTTP/1.0\r\n\r\n", "Connection: close\r\n"),
            ("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: close\r\n\r\nonethree"),
        ])
    func closing(request: String, expected: String) async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send(request)
            #expect(try client.readAll().contains(expected))
        }
    }

    @Test("HTTP/1.0 can keep the connection, too")
    func oldKeepAlive() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            for _ in 0..<2 {
                try client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try client.readResponse().head.contains("Connection: keep-alive\r\n"))
            }
        }
    }

    @Test("a thousand pipelined requests are answered in order")
    func pipelining() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send((0..<1000).map { "GET /n/\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
            for number in 0..<1000 { #expect(try client.readResponse().body == "\(number)") }
        }
    }

    @Test("a request may come byte by byte")
    func bytewise() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            for byte in "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello".utf8 {
                try client.send([byte])
            }
            #expect(try client.readResponse().body == "hello")
        }
    }

    @Test("a chunked body is put together, and its trailers are seen")
    func chunkedRequest() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            try client.send(
                head + "5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 11\r\n\r\n" + head + "0\r\n\r\n")
            let (answer, body) = try client.readResponse()
            #expect(body == "hello world")
            #expect(answer.contains("X-Got: 11\r\n"))
            #expect(try client.readResponse().body == "")
        }
    }

    @Test("a stream is sent in chunks, with its trailers")
    func chunkedResponse() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            for _ in 0..<2 {
                try client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try client.read(until: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
                #expect(
                    try client.read(until: "0\r\nX-Sum: 8\r\n\r\n") == "3\r\none\r\n5\r\nthree\r\n0\r\nX-Sum: 8\r\n\r\n"
                )
            }
        }
    }

    @Test("a stream that breaks its promised length ends the connection", arguments: [4, 6])
    func brokenLength(length: Int) async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send("GET /counted/\(length) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let (head, body) = try client.readResponse()
            #expect(head.contains("Content-Length: \(length)\r\n"))
            #expect(body.utf8.count < length)
            #expect(try client.readAll() == "")
        }
    }

    @Test("HEAD has the head of GET and no body; 204 has neither body nor length")
    func bodiless() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send(
                "HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse(toHead: true).head.contains("Content-Length: 12\r\n"))
            #expect(try client.readResponse(toHead: true).head.contains("Transfer-Encoding: chunked\r\n"))
            try client.send(
                "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try !client.readResponse().head.contains("ength"))
            #expect(try client.readResponse().body == "hello world\n")
        }
    }

    @Test("100 (Continue) is sent when the handler reads the body, and only then")
    func continues() async throws {
        try await withServer(routes: Self.routes) { server in
            let expectation = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            let client = try RawClient(server)
            try client.send("POST /echo \(expectation)")
            #expect(try client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try client.send("ok")
            #expect(try client.readResponse().body == "ok")
            try client.send("POST /ignores \(expectation)")
            let answer = try client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test(
        "what cannot be served is refused, and the connection is closed",
        arguments: [
            ("GET /hello HTTP/1.1\r\n\r\n", 400), ("GET /hello HTTP/3.0\r\n\r\n", 505), ("\u{16}\u{3}\u{1}", 400),
            ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 40000))", 431),
            ("GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X: y\r\n", count: 101))", 431),
            (
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400
            ),
            ("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n", 413),
            ("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n", 417),
        ])
    func refusals(request: String, status: Int) async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send(request)
            let answer = try client.read(until: "\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("Connection: close\r\n"))
            client.finishSending()
            _ = try client.readAll()
        }
    }

    @Test("a client that is still sending gets to see why it was refused")
    func lingering() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            for _ in 0..<24 { try client.send(chunk) }
            #expect(try client.readAll().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        }
    }

    @Test("a body that the handler did not want is read over, or ends the connection")
    func unreadBody() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send("POST /ignores HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n")
            #expect(try client.readResponse().body == "ignored")
            try client.send(String(repeating: "x", count: 30000) + "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().body == "hello world\n")
            try client.send("POST /ignores HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n")
            #expect(try client.readResponse().head.contains("Connection: close\r\n"))
            client.finishSending()
            #expect(try client.readAll() == "")
        }
    }

    @Test("a handler's failure is 500 without detail, and the connection goes on", arguments: ["/fails", "/injects"])
    func failures(path: String) async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            for _ in 0..<2 {
                try client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let (head, body) = try client.readResponse()
                #expect(head.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
                #expect(!head.contains("Cookie"))
                #expect(body == "internal error\n")
            }
        }
    }

    @Test("a half-closed client still gets its answers")
    func halfClosed() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send(
                "GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok"
            )
            client.finishSending()
            #expect(try client.readResponse().body == "1")
            #expect(try client.readResponse().body == "ok")
            #expect(try client.readAll() == "")
        }
    }

    @Test("a body that ends too soon is refused")
    func truncatedBody() async throws {
        try await withServer(routes: Self.routes) { server in
            let client = try RawClient(server)
            try client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
            client.finishSending()
            #expect(try client.readAll().hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }
}

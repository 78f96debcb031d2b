import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

/// On a thread that is no event loop's, while the caller's waits: its task never suspends, so that its loop turns to
/// nothing else before the body ends.
private func setTrailersElsewhere(_ trailers: HTTPHeaders, of writer: any HTTPBodyWriter) {
    let isDone = Locked(false)
    Task.detached {
        #expect(EventLoop.current == nil)
        writer.setTrailers(trailers)
        isDone.withLock { $0 = true }
    }
    while !isDone.withLock({ $0 }) { sched_yield() }
}

@Suite("The client against the project's own server", .serialized, .timeLimit(.minutes(1)))
struct ClientServerTests {
    static func routes(_ router: inout Router) {
        router.post("/mirror") { HTTPResponse(.ok, body: $0.body) }
        router.post("/collects") { HTTPResponse(.ok, body: .bytes(try await $0.body.collect(upTo: 100))) }
        router.get("/trailers") { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write("body")
                    writer.setTrailers(["X-Sum": "4"])
                })
        }
        router.get("/trailers/elsewhere") { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write("body")
                    setTrailersElsewhere(["X-Sum": "4"], of: writer)
                })
        }
        router.post("/sum") { request in
            _ = try await request.body.collect(upTo: 10)
            return HTTPResponse(.ok, body: .string(request.body.trailers["X-Sum"] ?? "none"))
        }
        router.post("/refuses") { _ in HTTPResponse(.forbidden, body: .string("no")) }
    }

    func withMirror(_ body: @escaping @Sendable (HTTPClient, HTTPBaseURL) async throws -> Void) async throws {
        try await withServer(routes: Self.routes) { server in
            let base = try HTTPBaseURL(try #require(server.address))
            try await withClient { client async throws in try await body(client, base) }
        }
    }

    @Test("trailers are there when the body has been read")
    func trailers() async throws {
        try await withMirror { client, base async throws in
            for _ in 0..<2 {
                let response = try await client.send(HTTPRequest(.get, "/trailers"), to: base)
                #expect(try await response.body.collect(upTo: 10) == Array("body".utf8))
                #expect(response.body.trailers["X-Sum"] == "4")
            }
        }
    }

    @Test("trailers that a producer sets on another thread come along, from a server and from a client")
    func trailersFromElsewhere() async throws {
        try await withMirror { client, base async throws in
            for _ in 0..<20 {
                let response = try await client.send(HTTPRequest(.get, "/trailers/elsewhere"), to: base)
                #expect(try await response.body.collect(upTo: 10) == Array("body".utf8))
                #expect(response.body.trailers["X-Sum"] == "4")
                let body = HTTPBody.stream { writer in
                    try await writer.write("body")
                    setTrailersElsewhere(["X-Sum": "5"], of: writer)
                }
                #expect(try await client.text(.post, "/sum", from: base, body: body) == "5")
            }
        }
    }

    @Test("Expect: 100-continue: the body is sent when the server wants it, and not when it refuses")
    func expectContinue() async throws {
        try await withMirror { client, base async throws in
            let headers: HTTPHeaders = ["Expect": "100-continue"]
            let body = HTTPBody.string("payload")
            #expect(try await client.text(.post, "/collects", from: base, headers: headers, body: body) == "payload")
            #expect(try await client.text(.post, "/refuses", from: base, headers: headers, body: body) == "no")
            // Nothing to hold back: the expectation is not sent.
            #expect(try await client.text(.get, "/trailers", from: base, headers: headers) == "body")
        }
    }

    @Test("a server that never says 100 gets the body after a while")
    func silentExpect() async throws {
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            let body = try await connection.read(7)
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n\(body)")
        }
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.expectContinue = .milliseconds(20)
        try await withClient(limits: limits) { client async throws in
            let text = try await client.text(
                .post, "/", from: base, headers: ["Expect": "100-continue"], body: .string("payload"))
            #expect(text == "payload")
        }
    }

    @Test("a body whose function fails, or writes another length than it declared, fails the call with that")
    func failingProducer() async throws {
        try await withMirror { client, base async throws in
            let bodies = [
                HTTPBody.stream { writer in
                    try await writer.write("some")
                    throw ServiceError(.dataLoss, "the source broke")
                },
                .stream(length: 3) { try await $0.write("more") }, .stream(length: 30) { try await $0.write("less") },
            ]
            let texts = ["data_loss: the source broke", "BodyLengthMismatch()", "BodyLengthMismatch()"]
            for (body, expected) in zip(bodies, texts) {
                let text = await failure {
                    let response = try await client.send(HTTPRequest(.post, "/mirror", body: body), to: base)
                    return try await response.body.collect(upTo: 100)
                }
                #expect(text == expected)
            }
        }
    }

    @Test("a call from a thread that is no event loop's goes to one, and its body can be read there")
    func offLoop() async throws {
        try await withServer(routes: Self.routes) { server in
            let base = try HTTPBaseURL(try #require(server.address))
            let group = EventLoopGroup(loops: 2, name: "client")
            let client = HTTPClient(group: group)
            // A task of its own is on no loop, whatever the harness runs on.
            try await Task {
                #expect(EventLoop.current == nil)
                for _ in 0..<10 {
                    let bytes = [UInt8](repeating: 7, count: 300_000)
                    let request = HTTPRequest(.post, "/mirror", body: .bytes(bytes))
                    let response = try await client.send(request, to: base)
                    #expect(EventLoop.current == nil)
                    #expect(try await response.body.collect(upTo: 1 << 20) == bytes)
                }
            }.value
            client.close()
            try await eventually("no connection is left") { group.loops.allSatisfy { $0.connections == 0 } }
            group.shutdown()
        }
    }
}

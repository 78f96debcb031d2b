import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("The client", .serialized, .timeLimit(.minutes(1)))
struct ClientTests {
    static let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    // MARK: Retries

    /// Answers the first request of a connection, and hangs up on the second.
    static func flaky() throws -> RawServer {
        try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send(okay)
            _ = try await connection.readRequestHead()
        }
    }

    @Test("a kept connection that is closed under a request: it is sent again if it may be")
    func retries() async throws {
        let server = try Self.flaky()
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            #expect(try await client.text(.get, "/", from: base) == "ok")
            #expect(try await client.text(.put, "/", from: base, body: .string("x")) == "ok")
            #expect(
                try await client.text(.post, "/", from: base, headers: ["Idempotency-Key": "1"], body: .string("x"))
                    == "ok")
            let context = CallContext(trace: .root(), idempotencyKey: "2")
            try await CallContext.$current.withValue(context) { () async throws in
                #expect(try await client.text(.post, "/", from: base) == "ok")
            }
        }
        #expect(server.connectionCount == 5)
    }

    @Test("what may have been done already, or cannot be read twice, is not sent again")
    func noRetries() async throws {
        let server = try Self.flaky()
        let base = try server.base()
        try await withClient { client async throws in
            let requests = [
                HTTPRequest(.post, "/", body: .string("x")),
                HTTPRequest(.put, "/", body: .stream { try await $0.write("x") }),
            ]
            for request in requests {
                #expect(try await client.text(.get, "/", from: base) == "ok")
                let text = await failure { try await client.send(request, to: base) }
                #expect(text.hasPrefix("unavailable: \(base): the connection broke: "))
            }
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a request is sent again once, not for ever")
    func onlyOnce() async throws {
        let first = Locked(true)
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            let isFirst = first.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard isFirst else { return }
            try connection.send(Self.okay)
            _ = try await connection.readRequestHead()
        }
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text.hasSuffix("closed by the server before an answer"))
        }
        #expect(server.connectionCount == 2)
    }

    // MARK: The pool

    /// Answers when it is told to.
    final class Slow: Sendable {
        private let isOpen = Locked(false)
        private let requests = Locked(0)
        /// How many have arrived.
        var requestCount: Int { requests.withLock { $0 } }
        func open() { isOpen.withLock { $0 = true } }
        func serve(_ connection: Connection) async throws {
            while true {
                _ = try await connection.readRequestHead()
                requests.withLock { $0 += 1 }
                while !isOpen.withLock({ $0 }) { try await EventLoop.sleep(for: .milliseconds(1)) }
                try connection.send(okay)
            }
        }
    }

    @Test("at the limit requests wait in line, one more is refused, and all of them are answered")
    func waitingInLine() async throws {
        let slow = Slow()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.connections = 2
        limits.waiting = 3
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 {
                    group.addTask { await failure { try await client.text(.get, "/", from: base) } }
                }
                #expect(try await group.next()?.hasPrefix("unavailable: ") == true)
                slow.open()
                for try await outcome in group { #expect(outcome == "no error") }
            }
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a wait in line ends at the deadline, and when the task is cancelled")
    func givingUpInLine() async throws {
        let slow = Slow()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.connections = 1
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.text(.get, "/", from: base) }
                try await eventually("the connection is taken") { server.connectionCount == 1 }
                let text = await failure {
                    try await client.text(.get, "/", from: base, deadline: .now + .milliseconds(20))
                }
                #expect(text.hasPrefix("deadline_exceeded: "))
                let waiting = Task { await failure { try await client.text(.get, "/", from: base) } }
                try await EventLoop.sleep(for: .milliseconds(5))
                waiting.cancel()
                #expect(await waiting.value == "CancellationError()")
                slow.open()
                try await group.waitForAll()
            }
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a cancelled call closes its connection, and the next one succeeds")
    func cancellation() async throws {
        let slow = Slow()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        try await withClient { client async throws in
            let call = Task { await failure { try await client.text(.get, "/", from: base) } }
            try await eventually("the request is under way") { slow.requestCount == 1 }
            call.cancel()
            #expect(await call.value == "CancellationError()")
            slow.open()
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
        #expect(server.connectionCount == 2)
    }

    @Test("idle connections are closed after a while, and beyond their number")
    func idling() async throws {
        let server = try RawServer(answering: Self.okay)
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.idle = .milliseconds(40)
        limits.idleConnections = 1
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await client.text(.get, "/", from: base) } }
                try await group.waitForAll()
            }
            #expect(server.connectionCount >= 1)
            try await eventually("nothing idles for ever") { server.openConnections == 0 }
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
    }

    @Test("a closed client refuses calls")
    func closed() async throws {
        let server = try RawServer(answering: Self.okay)
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            client.close()
            try await eventually("the idle connection is closed") { server.openConnections == 0 }
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text == "unavailable: the HTTP client is closed")
        }
    }

    @Test("a body that is dropped unread gives its connection up")
    func droppedBodies() async throws {
        let server = try RawServer { connection in
            let head = try await connection.readRequestHead()
            if head.hasPrefix("GET /endless") {
                try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while true {
                    try connection.send("1\r\nx\r\n")
                    try await connection.drained()
                    try await EventLoop.sleep(for: .milliseconds(1))
                }
            }
        }
        let base = try server.base()
        try await withClient { client async throws in
            do {
                let response = try await client.send(HTTPRequest(.get, "/endless"), to: base)
                var iterator = response.body.makeAsyncIterator()
                #expect(try await iterator.next()?.isEmpty == false)
            }
            try await eventually("the server sees it") { server.openConnections == 0 }
        }
    }

    // MARK: What goes along

    @Test("trace, deadline and idempotency key go along, and what the request says itself goes before")
    func context() async throws {
        let heads = Locked<[String]>([])
        let server = try RawServer { connection in
            while true {
                let head = try await connection.readRequestHead()
                heads.withLock { $0.append(head) }
                try connection.send(Self.okay)
            }
        }
        let base = try server.base()
        let trace = try #require(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=b"))
        try await withClient { client async throws in
            let context = CallContext(trace: trace, deadline: .now + .seconds(5), idempotencyKey: "key 1")
            try await CallContext.$current.withValue(context) {
                _ = try await client.text(.post, "/a?b=c", from: base)
                let own: HTTPHeaders = [
                    "Traceparent": "mine", "Idempotency-Key": "mine", "User-Agent": "me", "Host": "evil", "X": "y",
                    "Content-Length": "77", "Grpc-Timeout": "1S",
                ]
                _ = try await client.text(.get, "/", from: base, headers: own)
            }
            _ = try await client.text(.get, "/", from: base)
        }
        let host = "Host: \(base.description.dropFirst(7))\r\n"
        let lines = heads.withLock { $0 }
        let first = lines[0].split(separator: "grpc-timeout: ")
        #expect(
            first[0]
                == "POST /a?b=c HTTP/1.1\r\n\(host)User-Agent: martlet\r\n"
                + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=b\r\n")
        let timeout = try #require(first.last?.split(separator: "\r\n"))
        let left = try #require(CallTimeout.parse(String(timeout[0])))
        #expect(left <= .seconds(5) && left > .zero)
        #expect(timeout[1...] == ["Idempotency-Key: key 1", "Content-Length: 0"])
        #expect(
            lines[1]
                == "GET / HTTP/1.1\r\n\(host)Traceparent: mine\r\nIdempotency-Key: mine\r\nUser-Agent: me\r\nX: y\r\n"
                + "Grpc-Timeout: 1S\r\n\r\n")
        #expect(lines[2] == "GET / HTTP/1.1\r\n\(host)User-Agent: martlet\r\n\r\n")
    }

    @Test("the context's deadline holds for a call that names a later one")
    func contextDeadline() async throws {
        let slow = Slow()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        try await withClient { client async throws in
            for wait in [Duration.milliseconds(30), .milliseconds(-1)] {
                let context = CallContext(trace: .root(), deadline: .now + wait)
                let text = await CallContext.$current.withValue(context) {
                    await failure { try await client.text(.get, "/", from: base, deadline: .never) }
                }
                #expect(text == "deadline_exceeded: \(base): no answer before the deadline")
            }
        }
        #expect(server.connectionCount == 1)
    }

    final class Spans: SpanSink {
        let spans = Locked<[SpanData]>([])
        func take(_ span: SpanData) { spans.withLock { $0.append(span) } }
    }

    @Test("a call is a span of kind client, under the caller's, and its id goes along")
    func span() async throws {
        let heads = Locked<[String]>([])
        let server = try RawServer { connection in
            let head = try await connection.readRequestHead()
            heads.withLock { $0.append(head) }
            try connection.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        }
        let base = try server.base()
        let sink = Spans()
        let trace = TraceContext.root()
        try await withClient(tracer: Tracer(sink: sink)) { client async throws in
            try await CallContext.$current.withValue(CallContext(trace: trace)) {
                _ = try await client.text(.get, "/x", from: base)
            }
        }
        let span = try #require(sink.spans.withLock { $0.first })
        #expect(span.name == "GET")
        #expect(span.kind == .client)
        #expect(span.parent == trace.spanID)
        #expect(span.context.traceID == trace.traceID)
        #expect(span.status == .error("503 Service Unavailable"))
        #expect(heads.withLock { $0.first }?.contains("traceparent: \(span.context.traceparent)\r\n") == true)
    }

    // MARK: Requests that are refused

    @Test("a request that cannot stand on the wire is refused before a byte is sent")
    func injection() async throws {
        let server = try RawServer(answering: Self.okay)
        let base = try server.base()
        try await withClient { client async throws in
            let requests = [
                HTTPRequest(.get, "/", headers: ["X": "a\r\nEvil: yes"]), HTTPRequest(.get, "/", headers: ["X Y": "a"]),
                HTTPRequest(.get, "http://elsewhere/"), HTTPRequest(.connect, "/"), HTTPRequest(.get, "relative"),
            ]
            for request in requests {
                let text = await failure { try await client.send(request, to: base) }
                #expect(text.hasPrefix("invalid_argument: "))
            }
            let context = CallContext(trace: .root(), idempotencyKey: "a\r\nEvil: yes")
            await CallContext.$current.withValue(context) {
                let text = await failure { try await client.text(.get, "/", from: base) }
                #expect(text.hasPrefix("invalid_argument: "))
            }
        }
        #expect(server.connectionCount == 0)
    }

    @Test(
        "a URL that is none of a service is refused",
        arguments: [
            ("https://localhost/", "unimplemented"), ("localhost:80", "invalid_argument"), ("/", "invalid_argument"),
            ("http://u:p@localhost/", "invalid_argument"), ("http://localhost/?a=b", "invalid_argument"),
            ("http://localhost:0/", "invalid_argument"), ("ftp://localhost/", "invalid_argument"),
            ("http://local_host{}/", "invalid_argument"),
            ("http+unix://\(String(repeating: "a", count: 200))", "invalid_argument"),
        ])
    func badURL(text: String, code: String) async {
        #expect(await failure { try HTTPBaseURL(text) }.hasPrefix(code + ": "))
    }

    @Test(
        "a URL's path goes before every request's",
        arguments: [
            ("http://LocalHost:81", "http://localhost:81"), ("http://localhost/", "http://localhost:80"),
            ("http://[::1]:8080/a/b/", "http://[::1]:8080/a/b"),
            ("http+unix://%2Frun%2Fa.sock/p", "http+unix:/run/a.sock/p"),
        ])
    func goodURL(text: String, expected: String) throws {
        #expect(try HTTPBaseURL(text).description == expected)
    }

    @Test("where nobody listens a call fails at once, naming the address, and the next one tries again")
    func unreachable() async throws {
        let (socket, port) = try boundSocket()
        defer { close(socket) }
        try await withClient { client async throws in
            for base in [try HTTPBaseURL("http://127.0.0.1:\(port)"), try HTTPBaseURL("http://localhost:\(port)")] {
                for _ in 0..<2 {
                    let text = await failure { try await client.text(.get, "/", from: base) }
                    #expect(text.hasPrefix("unavailable: cannot connect to \(base) ("))
                    #expect(text.hasSuffix(":\(port): connection refused)"))
                }
            }
        }
    }

    @Test("both bodies stream at the same time")
    func bothWays() async throws {
        // What comes in goes back as it is, chunk frames and all.
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            repeat {
                connection.output.append(connection.input.readableBytes)
                connection.input.consume(connection.input.count)
                try connection.flush()
            } while try await connection.moreInput()
        }
        let base = try server.base()
        try await withClient { client async throws in
            let lines = Locked<[String]>(["one"])
            let body = HTTPBody.stream { writer in
                while true {
                    guard let line = lines.withLock({ $0.popLast() }) else {
                        try await EventLoop.sleep(for: .milliseconds(1))
                        continue
                    }
                    if line == "end" { return }
                    try await writer.write(line)
                }
            }
            let response = try await client.send(HTTPRequest(.post, "/", body: body), to: base)
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("one".utf8))
            lines.withLock { $0 = ["two"] }
            #expect(try await iterator.next() == Array("two".utf8))
            lines.withLock { $0 = ["end"] }
            #expect(try await iterator.next() == nil)
        }
        #expect(server.connectionCount == 1)
    }

    // MARK: Against the project's own server

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

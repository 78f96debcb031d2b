import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("The client", .serialized, .timeLimit(.minutes(1)))
struct ClientTests {
    // MARK: What goes along

    @Test("trace, deadline and idempotency key go along, and what the request says itself goes before")
    func context() async throws {
        let heads = Locked<[String]>([])
        let server = try RawServer { connection in
            while true {
                let head = try await connection.readRequestHead()
                heads.withLock { $0.append(head) }
                try connection.send(RawServer.okay)
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
        let slow = SlowServing()
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
        let server = try RawServer(answering: RawServer.okay)
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
            ("https:///", "invalid_argument"), ("localhost:80", "invalid_argument"), ("/", "invalid_argument"),
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
}

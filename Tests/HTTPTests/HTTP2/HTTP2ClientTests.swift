import MartletCore
import MartletRuntime
import Testing

@testable import MartletHTTP

@Suite("The client over HTTP/2", .serialized, .timeLimit(.minutes(1)))
struct HTTP2ClientTests {
    private func withBoth(
        server limits: HTTPServer.Limits = HTTPServer.Limits(), client clientLimits: HTTPClient.Limits = .patient,
        routes: (inout Router) -> Void,
        _ body: @escaping @Sendable (HTTPClient, HTTPBaseURL, HTTPServer) async throws -> Void
    ) async throws {
        try await withServer(limits: limits, routes: routes) { server in
            let base = try HTTPBaseURL(try #require(server.address)).speaking(.http2)
            try await withClient(limits: clientLimits) { client in try await body(client, base, server) }
        }
    }

    @Test("many calls share one connection")
    func sharing() async throws {
        try await withBoth(routes: ServerTests.routes) { client, base, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let text = try await client.text(.get, "/n/\(index)", from: base)
                        #expect(text == "\(index)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test("bodies stream both ways at once, with trailers")
    func streaming() async throws {
        try await withBoth { router in
            router.on(.post, "/echo", bodyLimit: 64 << 20) { request in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        for try await chunk in request.body { try await writer.write(chunk) }
                        writer.setTrailers(["X-Sum": request.body.trailers["x-sum"] ?? "none"])
                    })
            }
        } _: { client, base, _ in
            let pieces = 200
            let body = HTTPBody.stream { writer in
                for index in 0..<pieces {
                    try await writer.write([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 50_000))
                }
                writer.setTrailers(["x-sum": "\(pieces)"])
            }
            let response = try await client.send(HTTPRequest(.post, "/echo", body: body), to: base)
            let answer = try await response.body.collect(upTo: 64 << 20)
            #expect(answer.count == pieces * 50_000)
            #expect(answer.last == UInt8(truncatingIfNeeded: pieces - 1))
            #expect(response.body.trailers["x-sum"] == "\(pieces)")
        }
    }

    @Test("trace, deadline and idempotency key go along as they do in HTTP/1.1")
    func context() async throws {
        try await withBoth { router in
            router.get("/context") { request in
                let names = ["traceparent", "grpc-timeout", "idempotency-key", "user-agent", "host"]
                return .text(names.map { request.headers[$0] ?? "none" }.joined(separator: "|"))
            }
        } _: { client, base, _ in
            let trace = try #require(
                TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
            let context = CallContext(trace: trace, deadline: .now + .seconds(30), idempotencyKey: "key")
            let text = try await CallContext.$current.withValue(context) {
                try await client.text(.get, "/context", from: base)
            }
            let parts = text.split(separator: "|").map(String.init)
            #expect(parts[0] == trace.traceparent)
            #expect(CallTimeout.parse(parts[1]).map { $0 > .seconds(20) && $0 <= .seconds(30) } == true)
            #expect(parts[2...3] == ["key", "martlet"])
            #expect(parts[4] == base.origin.authority)
        }
    }

    @Test("calls beyond the server's limit of streams wait in line, each until its deadline")
    func limitOfStreams() async throws {
        var limits = HTTPServer.Limits()
        limits.http2.concurrentStreams = 2
        let most = Locked((now: 0, most: 0))
        try await withBoth(server: limits) { router in
            router.get("/slow") { _ in
                most.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                try await EventLoop.sleep(for: .milliseconds(5))
                most.withLock { $0.now -= 1 }
                return .text("done")
            }
            router.get("/never") { _ in
                try await EventLoop.sleep(for: .seconds(60))
                return .text("late")
            }
        } _: { client, base, server in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await client.text(.get, "/slow", from: base) } }
                for try await text in group { #expect(text == "done") }
            }
            #expect(most.withLock { $0.most } == 2)
            #expect(server.connectionCount == 1)
            await withTaskGroup(of: String.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        await failure {
                            try await client.text(.get, "/never", from: base, deadline: .now + .milliseconds(100))
                        }
                    }
                }
                for await text in group { #expect(text.contains("no answer before the deadline"), "\(text)") }
            }
            // What was given up is free for others.
            #expect(try await client.text(.get, "/slow", from: base) == "done")
        }
    }

    @Test("a stream that the server refuses is sent again, even if its method may be sent only once")
    func refused() async throws {
        let acceptor = RefusingAcceptor()
        let server = HTTPServer(
            address: .loopback(port: 0), handler: Endpoint(http: "ok") { _ in .text("done") }, streams: acceptor)
        try server.start()
        let base = try HTTPBaseURL(try #require(server.address)).speaking(.http2)
        try await withClient { client in
            let answer = try await client.text(.post, "/log", from: base, body: .string("entry"))
            #expect(answer == "done")
            #expect(acceptor.refused.withLock { $0 } == 1)
            acceptor.code.withLock { $0 = .internalError }
            acceptor.refused.withLock { $0 = 0 }
            let text = await failure { try await client.text(.post, "/log", from: base, body: .string("entry")) }
            #expect(text.contains("INTERNAL_ERROR"), "\(text)")
            #expect(acceptor.refused.withLock { $0 } == 1)
        }
        await server.drain()
    }

    @Test("a server that goes away finishes what was begun; later calls find the next one")
    func goAway() async throws {
        let mayAnswer = Locked(false)
        var router = Router()
        router.get("/waits") { _ in
            while !mayAnswer.withLock({ $0 }) { try await EventLoop.sleep(for: .milliseconds(1)) }
            return .text("done")
        }
        router.get("/hello") { _ in .text("hello") }
        let handler = try router.handler()
        let first = HTTPServer(address: .loopback(port: 0), handler: handler)
        try first.start()
        let address = try #require(first.address)
        let base = try HTTPBaseURL(address).speaking(.http2)
        try await withClient { client in
            async let waiting = client.text(.get, "/waits", from: base)
            try await eventually("it is there") { first.connectionCount == 1 }
            #expect(try await client.text(.get, "/hello", from: base) == "hello")
            async let drained: Void = first.drain()
            // The listening socket closes first; then a new server has the address.
            let second = HTTPServer(address: address, handler: handler)
            var isStarted = false
            while !isStarted {
                isStarted = (try? second.start()) != nil
                try await EventLoop.sleep(for: .milliseconds(1))
            }
            try await eventually("the new one is used") { first.connectionCount <= 1 }
            var calls = 0
            while second.connectionCount == 0, calls < 1000 {
                #expect(try await client.text(.get, "/hello", from: base) == "hello")
                calls += 1
            }
            #expect(second.connectionCount == 1)
            mayAnswer.withLock { $0 = true }
            #expect(try await waiting == "done")
            await drained
            await second.drain()
        }
    }

    @Test("calls fail with a clear error when the connection breaks, and the next one makes a new connection")
    func brokenConnection() async throws {
        try await withBoth { router in
            router.on(.post, "/never") { _ in
                try await EventLoop.sleep(for: .seconds(60))
                return .text("late")
            }
            router.get("/hello") { _ in .text("hello") }
        } _: { client, base, server in
            async let text = failure { try await client.text(.post, "/never", from: base, body: .string("x")) }
            try await eventually("it is there") { server.connectionCount == 1 }
            #expect(try await client.text(.get, "/hello", from: base) == "hello")
            server.stop()
            let answer = await text
            #expect(answer.hasPrefix("unavailable: http://127.0.0.1:"), "\(answer)")
            // Nobody is there: at once, and again at once.
            for _ in 0..<2 {
                let refused = await failure { try await client.text(.get, "/hello", from: base) }
                #expect(refused.contains("cannot connect"), "\(refused)")
            }
        }
    }

    @Test("a call that is cancelled resets its stream, before the head and in the body")
    func cancellation() async throws {
        let begun = Locked(0)
        let ended = Locked(0)
        try await withBoth { router in
            router.get("/never") { _ in
                begun.withLock { $0 += 1 }
                defer { ended.withLock { $0 += 1 } }
                try await EventLoop.sleep(for: .seconds(60))
                return .text("late")
            }
            router.get("/endless") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        defer { ended.withLock { $0 += 1 } }
                        while true { try await writer.write([UInt8](repeating: 1, count: 1000)) }
                    })
            }
        } _: { client, base, server in
            let head = Task { await failure { try await client.text(.get, "/never", from: base) } }
            try await eventually("the handler runs") { begun.withLock { $0 } == 1 }
            head.cancel()
            #expect(await head.value == "CancellationError()")
            try await eventually("the handler is cancelled") { ended.withLock { $0 } == 1 }
            do {
                let response = try await client.send(HTTPRequest(.get, "/endless"), to: base)
                for try await chunk in response.body where !chunk.isEmpty { break }
            }
            try await eventually("a body that is dropped ends its producer") { ended.withLock { $0 } == 2 }
            // The connection is still good.
            let text = await failure {
                try await client.text(.get, "/never", from: base, deadline: .now + .milliseconds(50))
            }
            #expect(text.contains("deadline"))
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a stream is written and read at the same time")
    func bidirectional() async throws {
        try await withServer { router in
            router.on(.post, "/echo") { request in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in for try await chunk in request.body { try await writer.write(chunk) } })
            }
        } _: { server in
            let address = try #require(server.address)
            let group = EventLoopGroup(loops: 1, name: "stream")
            defer { group.shutdown() }
            try await group.run { loop in
                let connection = try await HTTP2ClientConnection.connect(
                    to: address, on: loop, deadline: .now + .seconds(10))
                let stream = try #require(
                    connection.begin(.post, "/echo", headers: ["content-type": "text/plain"], authority: "localhost"))
                for index in 0..<50 {
                    let message = Array("message \(index)".utf8)
                    stream.send(message)
                    while stream.inputCount < message.count {
                        #expect(await stream.moreInput(until: .now + .seconds(10)))
                    }
                    #expect(stream.status == .ok)
                    #expect(stream.takeInput() == message)
                }
                stream.finish()
                while !stream.inputHasEnded { #expect(await stream.moreInput(until: .now + .seconds(10))) }
                #expect(connection.streamCount == 0)
                connection.close()
            }
        }
    }

    @Test("a server that does not answer pings is given up")
    func keepalive() async throws {
        let server = try RawServer { connection in
            // Its settings, and then nothing.
            connection.output.append([0, 0, 0, 4, 0, 0, 0, 0, 0])
            connection.output.append([0, 0, 0, 4, 1, 0, 0, 0, 0])
            try connection.flush()
            while try await connection.moreInput() { connection.input.removeAll() }
        }
        var limits = HTTPClient.Limits.patient
        limits.http2.keepalive = .milliseconds(20)
        limits.http2.keepaliveTimeout = .milliseconds(100)
        let base = try server.base().speaking(.http2)
        try await withClient(limits: limits) { client in
            let text = await failure { try await client.text(.post, "/", from: base, body: .string("x")) }
            #expect(text.contains("the connection broke"), "\(text)")
        }
    }

    @Test(
        "an answer that is not HTTP/2 is an error, and nothing else",
        arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\u{4}\0\0\0\0\0\u{1}data"])
    func nonsense(answer: String) async throws {
        let server = try RawServer { connection in
            while try await connection.moreInput() {
                connection.input.removeAll()
                try connection.send(answer)
            }
        }
        let base = try server.base().speaking(.http2)
        try await withClient { client in
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text.hasPrefix("unavailable"), "\(text)")
        }
    }
}

/// Resets the first stream that it sees.
private final class RefusingAcceptor: HTTP2Acceptor {
    let refused = Locked(0)
    let code = Locked(HTTP2ErrorCode.refusedStream)

    func accept(_ stream: HTTP2Stream) -> Bool {
        let isFirst = refused.withLock { refused in
            refused += 1
            return refused == 1
        }
        guard isFirst else {
            refused.withLock { $0 -= 1 }
            return false
        }
        stream.reset(code.withLock { $0 })
        return true
    }
}

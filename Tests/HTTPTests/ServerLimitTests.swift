import Glibc
import MartletCore
import MartletRuntime
import Synchronization
import Testing

@testable import MartletHTTP

@Suite("The server under bad clients", .serialized, .timeLimit(.minutes(1)))
struct ServerLimitTests {
    @Test("a head that does not get finished in time is 408, however it drips")
    func slowloris() async throws {
        var limits = HTTPServer.Limits()
        limits.headTime = .milliseconds(150)
        limits.linger = .milliseconds(200)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n")
            // Drips until the server has had enough of it.
            for _ in 0..<200 {
                guard (try? client.send("X: y\r\n")) != nil else { break }
                usleep(5000)
            }
            #expect(try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test(
        "a body that stops is 408; a connection that says nothing is closed",
        arguments: [
            ("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 408 "), ("", ""),
            ("GET", "HTTP/1.1 408 "),
        ])
    func silence(sent: String, expected: String) async throws {
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(50)
        limits.firstByte = .milliseconds(50)
        limits.headTime = .milliseconds(50)
        limits.linger = .milliseconds(50)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send(sent)
            let answer = try client.readAll()
            #expect(expected.isEmpty ? answer.isEmpty : answer.hasPrefix(expected))
        }
    }

    @Test("an idle connection is closed")
    func idle() async throws {
        var limits = HTTPServer.Limits()
        limits.idle = .milliseconds(50)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try RawClient(server)
            try client.send("GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().body == "1")
            #expect(try client.readAll() == "")
        }
    }

    @Test("a handler that waits for a body that stops learns of it at once, and its own answer is sent")
    func stalledBody() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(20)
        // The test would not end in time if anything waited for this.
        limits.linger = .seconds(600)
        try await withServer(limits: limits) { router in
            router.post("/forgives") { request in
                do {
                    return .text("\(try await request.body.collect(upTo: 100).count)")
                } catch let error as HTTPError {
                    return .text("\(error.status.code)")
                }
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("POST /forgives HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
            let answer = try client.readResponse()
            #expect(answer.body == "408")
            #expect(answer.head.contains("Connection: close\r\n"))
        }
    }

    @Test(
        "a body that is sent back while it arrives comes back whole, and the connection stays",
        arguments: ["/source", "/producer"], [true, false])
    func echoWhileReading(path: String, isChunked: Bool) async throws {
        let pieces = 64
        let piece = [UInt8](repeating: UInt8(ascii: "e"), count: 50_000)
        try await withServer { router in
            router.on(.post, "/source", bodyLimit: 8 << 20) { request in
                HTTPResponse(.ok, body: request.body)
            }
            router.on(.post, "/producer", bodyLimit: 8 << 20) { request in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        for try await chunk in request.body { try await writer.write(chunk) }
                    })
            }
        } _: { server in
            let client = try RawClient(server)
            for _ in 0..<2 {
                let length = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(pieces * piece.count)"
                try client.send("POST \(path) HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n\r\n")
                var received = 0
                var decoder = HTTPChunkedDecoder(limits: HTTPHeadLimits())
                var isCounted: Bool?
                for index in 0..<pieces {
                    try client.send((isChunked ? Array("c350\r\n".utf8) : []) + piece + (isChunked ? [13, 10] : []))
                    if isChunked, index == pieces - 1 { try client.send("0\r\n\r\n") }
                    if isCounted == nil {
                        let head = try client.read(until: "\r\n\r\n")
                        #expect(!head.contains("Connection: close"))
                        isCounted = head.contains("Content-Length")
                    }
                    if isCounted == true {
                        received += try client.read(piece.count).count
                    } else {
                        received += try client.readChunks(piece.count, &decoder)
                    }
                }
                // Before it, at most the end of the last chunk.
                if isCounted != true { #expect(try client.read(until: "0\r\n\r\n").utf8.count <= 7) }
                #expect(received == pieces * piece.count)
            }
        }
    }

    @Test("a body that waits for 100 (Continue) is asked for before an answer that reads it while it is sent")
    func expectedEcho() async throws {
        try await withServer { router in
            router.post("/source") { HTTPResponse(.ok, body: $0.body) }
        } _: { server in
            let client = try RawClient(server)
            try client.send(
                "POST /source HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            try client.send("abc")
            #expect(try client.read(3) == Array("abc".utf8))
        }
    }

    @Test("a slow client gets a large answer for as long as it takes some of it")
    func slowReader() async throws {
        var limits = HTTPServer.Limits()
        limits.writeStall = .milliseconds(1500)
        let total = 24 << 20
        try await withServer(limits: limits) { router in
            router.get("/large") { _ in HTTPResponse(.ok, body: .bytes([UInt8](repeating: 7, count: total))) }
        } _: { server in
            let client = try RawClient(server, receiveBuffer: 64 << 10)
            try client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try client.read(until: "\r\n\r\n")
            var received = 0
            // Longer in all than a stall may be.
            while received < total {
                let bytes = try client.read(1 << 20)
                guard !bytes.isEmpty else { break }
                received += bytes.count
                usleep(90_000)
            }
            #expect(received == total)
            // The connection is still good.
            try client.send("HEAD /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse(toHead: true).head.contains("Content-Length: \(total)\r\n"))
        }
    }

    @Test("a body that is written to after its end is an error of the writer, and nothing is sent")
    func lateWrite() async throws {
        let kept = Locked<(any HTTPBodyWriter)?>(nil)
        // The writer holds the server's routes, and they hold it.
        defer { kept.withLock { $0 = nil } }
        try await withServer { router in
            ServerTests.routes(&router)
            router.get("/keeps") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream(length: 2) { writer in
                        kept.withLock { $0 = writer }
                        try await writer.write("ok")
                    })
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("GET /keeps HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().body == "ok")
            let writer = try #require(kept.withLock { $0 })
            await #expect(throws: ServiceError.self) { try await writer.write("more") }
            try client.send("GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a handler that holds the loop is named with its request")
    func slowHandler() async throws {
        let group = EventLoopGroup(loops: 1, name: "spin")
        let seen = Locked<[String]>([])
        group.loops[0].onSlowJob { _, _, activity in seen.withLock { $0.append(activity ?? "?") } }
        let server = try HTTPServer(port: 0, group: group) { router in
            router.get("/spin/{n}") { _ in
                let end = MonotonicTime.now + .milliseconds(30)
                while MonotonicTime.now < end {}
                return .text("spun")
            }
        }
        try server.start()
        let client = try RawClient(server)
        try client.send("GET /spin/1?secret=2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.readResponse().body == "spun")
        // The loop looks at the clock when the job is over, which may be after the answer arrived here.
        while seen.withLock({ $0.isEmpty }) { await Task.yield() }
        #expect(seen.withLock { $0 } == ["GET /spin/1"])
        await server.drain()
        group.shutdown()
    }

    @Test("a handler is cancelled when its client breaks off")
    func disconnect() async throws {
        let entered = ShutdownSignal()
        let cancelled = ShutdownSignal()
        try await withServer { router in
            router.get("/waits") { _ in
                entered.trigger()
                await ShutdownSignal().wait()
                if Task.isCancelled { cancelled.trigger() }
                return HTTPResponse(.ok)
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await entered.wait()
            client.reset()
            await cancelled.wait()
        }
    }

    @Test("one connection too many is told so")
    func overLimit() async throws {
        var limits = HTTPServer.Limits()
        limits.connectionsPerLoop = 3
        let group = EventLoopGroup(loops: 1, name: "limit")
        var router = Router()
        ServerTests.routes(&router)
        let server = HTTPServer(
            address: .loopback(port: 0), handler: try router.handler(), limits: limits, group: group)
        try server.start()
        var clients: [RawClient] = []
        for _ in 0..<3 {
            let client = try RawClient(server)
            try client.send("GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.readResponse().body == "1")
            clients.append(client)
        }
        let refused = try RawClient(server)
        #expect(try refused.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        try clients[0].send("GET /n/2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try clients[0].readResponse().body == "2")
        clients = []
        await server.drain()
        group.shutdown()
    }

    @Test("two thousand idle connections are held, and do not hinder another one")
    func manyIdle() async throws {
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = files.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        try await withServer(routes: ServerTests.routes) { server in
            var clients: [RawClient] = []
            for _ in 0..<2000 { clients.append(try RawClient(server)) }
            for client in clients.suffix(100) {
                try client.send("GET /n/7 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try client.readResponse().body == "7")
            }
            #expect(server.connectionCount == 2000)
        }
    }

    @Test("an upload goes no faster than it is read, and arrives whole")
    func upload() async throws {
        let total = 64 << 20
        let piece = [UInt8](repeating: 3, count: 1 << 20)
        let mayRead = ShutdownSignal()
        try await withServer { router in
            router.on(.post, "/count", bodyLimit: total) { request in
                await mayRead.wait()
                var count = 0
                var isIntact = true
                for try await chunk in request.body {
                    count += chunk.count
                    // Not byte by byte: that takes a minute under a sanitizer.
                    isIntact = isIntact && chunk.count <= piece.count && memcmp(chunk, piece, chunk.count) == 0
                }
                return .text("\(count) \(isIntact)")
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(total)\r\n\r\n")
            // As long as nobody reads, what fits is what the kernel and the connection's buffer hold.
            var sent = 0
            var refusals = 0
            while sent < total - piece.count, refusals < 50 {
                let count = client.sendWithoutWaiting(piece)
                sent += count
                refusals = count == 0 ? refusals + 1 : 0
                if count == 0 { usleep(2000) }
            }
            #expect(sent < total / 2)
            mayRead.trigger()
            while sent < total {
                let rest = min(piece.count, total - sent)
                try client.send(Array(piece.prefix(rest)))
                sent += rest
            }
            #expect(try client.readResponse().body == "\(total) true")
        }
    }

    @Test("a response goes no faster than it is read, and ends when its reader goes")
    func download() async throws {
        let written = Atomic<Int>(0)
        let stopped = ShutdownSignal()
        try await withServer { router in
            router.get("/endless") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        defer { stopped.trigger() }
                        let piece = [UInt8](repeating: 1, count: 64 << 10)
                        while true {
                            try await writer.write(piece)
                            written.add(piece.count, ordering: .relaxed)
                        }
                    })
            }
        } _: { server in
            let client = try RawClient(server, receiveBuffer: 64 << 10)
            try client.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try client.read(1 << 20)
            // Until the writer stands still: the kernel's buffers are full.
            var last = -1
            while written.load(ordering: .relaxed) != last {
                last = written.load(ordering: .relaxed)
                usleep(20000)
            }
            #expect(last < 32 << 20)
            client.reset()
            await stopped.wait()
        }
    }

    @Test("draining finishes what has begun, and closes the rest")
    func drain() async throws {
        let entered = ShutdownSignal()
        let mayAnswer = ShutdownSignal()
        var router = Router()
        ServerTests.routes(&router)
        router.get("/waits") { _ in
            entered.trigger()
            await mayAnswer.wait()
            return .text("done")
        }
        // One loop, so that it knows of the end when the idle connection does.
        let group = EventLoopGroup(loops: 1, name: "server")
        defer { group.shutdown() }
        let server = HTTPServer(address: .loopback(port: 0), handler: try router.handler(), group: group)
        let shutdown = ShutdownSignal()
        let running = Task { try await ShutdownSignal.$current.withValue(shutdown) { try await server.run() } }
        while server.address == nil { await Task.yield() }
        try await onOwnThread {
            let busy = try RawClient(server)
            let idle = try RawClient(server)
            try idle.send("GET /n/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try idle.readResponse().body == "1")
            try busy.send("GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await entered.wait()
            shutdown.trigger()
            #expect(try idle.readAll() == "")
            mayAnswer.trigger()
            let answer = try busy.readAll()
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix("done"))
        }
        try await running.value
        #expect(server.connectionCount == 0)
    }

    @Test("events are sent as they come, with heartbeats between, until the client goes")
    func events() async throws {
        let gone = ShutdownSignal()
        try await withServer { router in
            router.get("/events") { _ in
                .events(heartbeat: .milliseconds(20)) { events in
                    defer { gone.trigger() }
                    try await events.send(ServerSentEvent(data: "first", id: "1"))
                    await ShutdownSignal().wait()
                }
            }
            router.get("/ends") { _ in .events { try await $0.send(data: "only") } }
        } _: { server in
            let client = try RawClient(server)
            try client.send("GET /ends HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.read(until: "0\r\n\r\n").hasSuffix("data: only\n\n\r\n0\r\n\r\n"))
            try client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.read(until: "\r\n\r\n").contains("Content-Type: text/event-stream\r\n"))
            #expect(try client.read(until: "first\n\n").contains("id: 1\n"))
            #expect(try client.read(until: ":\n\n\r\n3\r\n:\n\n").contains(":\n\n"))
            client.reset()
            await gone.wait()
        }
    }
}

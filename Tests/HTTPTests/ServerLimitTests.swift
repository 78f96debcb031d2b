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
        let mayRead = ShutdownSignal()
        try await withServer { router in
            router.on(.post, "/count", bodyLimit: total) { request in
                await mayRead.wait()
                var count = 0
                var sum: UInt64 = 0
                for try await chunk in request.body {
                    count += chunk.count
                    for byte in chunk { sum &+= UInt64(byte) }
                }
                return .text("\(count) \(sum)")
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 3, count: 1 << 20)
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
            #expect(try client.readResponse().body == "\(total) \(total * 3)")
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

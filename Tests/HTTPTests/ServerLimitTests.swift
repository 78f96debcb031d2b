import Glibc
import MartletCore
import MartletRuntime
import Testing

@testable import MartletHTTP

@Suite("The server under load, and at its end", .serialized, .timeLimit(.minutes(1)))
struct ServerLimitTests {
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
}

import Glibc
import MartletCore
import MartletRuntime
import Synchronization
import Testing

@testable import MartletHTTP

@Suite("The server under bad clients of HTTP/2", .serialized, .timeLimit(.minutes(1)))
struct HTTP2AttackTests {
    typealias Kind = FrameClient.Kind
    typealias Setting = FrameClient.Setting

    private static let calm: UInt32 = 11

    private static var strict: HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        limits.http2.resets = HTTP2Limits.Budget(burst: 20, perSecond: 0)
        limits.http2.controlFrames = HTTP2Limits.Budget(burst: 20, perSecond: 0)
        return limits
    }

    /// The frames after which a client with a budget of twenty is told to go.
    private static let floodCases: [(String, @Sendable (UInt32) -> [FrameClient.Frame])] = [
        ("rapid reset", { [FrameClient.headers($0), FrameClient.reset($0)] }),
        (
            "MadeYouReset by a window's overflow",
            { id in
                [SpecCase.post(id), FrameClient.windowUpdate(id, 1 << 31 - 1)]
            }
        ),
        (
            "MadeYouReset by a wrong length",
            { id in
                [
                    SpecCase.post(id, more: [("content-length", "1")]), FrameClient.data(id, Array("four".utf8)),
                ]
            }
        ),
        ("MadeYouReset by malformed heads", { [FrameClient.headers($0, [(":method", "GET")])] }),
        ("SETTINGS", { _ in [FrameClient.settings([])] }),
        ("PING", { _ in [FrameClient.ping()] }),
        ("empty DATA", { [$0 == 1 ? SpecCase.post(1) : FrameClient.data(1, [], endStream: false)] }),
        ("WINDOW_UPDATE", { _ in [FrameClient.windowUpdate(0, 1)] }),
        ("PRIORITY", { [FrameClient.priority($0)] }),
        ("unknown frames", { _ in [FrameClient.Frame(type: 0x42)] }),
        (
            "empty padded DATA",
            { id in
                [
                    id == 1
                        ? SpecCase.post(1)
                        : FrameClient.Frame(
                            type: Kind.data, flags: FrameClient.Flag.padded, stream: 1, payload: [3, 0, 0, 0])
                ]
            }
        ),
    ]

    @Test("too much of what moves nothing ends the connection with ENHANCE_YOUR_CALM", arguments: floodCases.indices)
    func floods(index: Int) async throws {
        let (name, frames) = Self.floodCases[index]
        try await withServer(limits: Self.strict, routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            client.isPolite = false
            try client.handshake()
            // More than any bucket holds, with what the requests earn.
            for round in 0..<200 {
                guard (try? client.send(frames(UInt32(round * 2 + 1)))) != nil else { break }
            }
            let end = try client.readUntil { $0.type == Kind.goAway }.last
            #expect(end?.errorCode == Self.calm, "\(name)")
            // Others notice nothing.
            let other = try FrameClient(server)
            try other.handshake()
            try other.send(FrameClient.headers(1))
            #expect(try other.readResponse(1).status == "200")
        }
    }

    @Test("more header blocks' parts than the limit end the connection before they are put together")
    func continuations() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, endHeaders: false))
            for _ in 0..<100 {
                guard (try? client.send(FrameClient.continuation(1, [0], endHeaders: false))) != nil else { break }
            }
            #expect(try client.readUntil { $0.type == Kind.goAway }.last?.errorCode == Self.calm)
        }
    }

    @Test("a head over the limit is 431, one far over it resets its stream, and a path over it is 414")
    func largeHeads() async throws {
        var limits = HTTPServer.Limits()
        limits.head.bytes = 2000
        limits.head.target = 500
        limits.head.fields = 20
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            let large = FrameClient.request("GET", "/hello", [("x", String(repeating: "x", count: 2000))])
            let many = FrameClient.request("GET", "/hello", (0..<30).map { ("x\($0)", "y") })
            let bomb = FrameClient.request("GET", "/hello", [("x", String(repeating: "x", count: 16_000))])
            let path = FrameClient.request("GET", "/" + String(repeating: "p", count: 600))
            func status(_ id: UInt32, _ fields: [(String, String)]) throws -> String? {
                try client.send(FrameClient.headers(id, fields))
                return try client.readUntil { $0.stream == id && $0.type != Kind.data }.last?.field(":status")
            }
            #expect(try status(1, large) == "431")
            #expect(try status(3, many) == "431")
            #expect(try status(5, path) == "414")
            #expect(try status(7, bomb) == nil)
            #expect(try status(9, FrameClient.request()) == "200")
        }
    }

    @Test("handlers of streams that were reset count as long as they run")
    func abandonedHandlers() async throws {
        let running = Locked((now: 0, most: 0))
        let mayEnd = Locked(false)
        var limits = HTTPServer.Limits()
        limits.http2.concurrentStreams = 5
        try await withServer(limits: limits) { router in
            router.get("/deaf") { _ in
                running.withLock { running in
                    running.now += 1
                    running.most = max(running.most, running.now)
                }
                // Does not listen to its cancellation.
                while !mayEnd.withLock({ $0 }) { try? await EventLoop.sleep(for: .milliseconds(1)) }
                running.withLock { $0.now -= 1 }
                return .text("")
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            for index in 0..<50 {
                let id = UInt32(index * 2 + 1)
                try client.send(FrameClient.headers(id, FrameClient.request("GET", "/deaf")))
                // Each has been looked at before the next comes.
                try client.send(FrameClient.ping())
                let refused = try client.readUntil { $0.type == Kind.ping }
                if index >= 5 {
                    let more = refused.contains { $0.stream == id } ? refused : try client.readUntil { $0.stream == id }
                    #expect(more.contains { $0.stream == id && $0.errorCode == 7 })
                } else {
                    try client.send(FrameClient.reset(id))
                }
            }
            #expect(running.withLock { $0.most } == 5)
            mayEnd.withLock { $0 = true }
            try await eventually("they end") { running.withLock { $0.now } == 0 }
        }
    }

    @Test("what is queued for a client that opens no window is bounded, and its streams end at the deadline")
    func closedWindows() async throws {
        let handled = Locked(0)
        var limits = HTTPServer.Limits()
        limits.http2.queuedOutput = 256 << 10
        limits.writeStall = .milliseconds(300)
        try await withServer(limits: limits) { router in
            router.get("/large") { _ in
                handled.withLock { $0 += 1 }
                return HTTPResponse(.ok, body: .bytes([UInt8](repeating: 7, count: 64 << 10)))
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake([(Setting.initialWindowSize, 0)])
            let ids = (0..<100).map { UInt32($0 * 2 + 1) }
            try client.send(ids.map { FrameClient.headers($0, FrameClient.request("GET", "/large")) })
            try client.send(FrameClient.ping())
            _ = try client.readUntil { $0.type == Kind.ping }
            // Four fill the queue, the fifth goes over it.
            #expect(handled.withLock { $0 } == 5)
            // Each wave is reset in its turn, and makes room for the next.
            var reset = Set<UInt32>()
            while reset.count < 10, let frame = try client.readFrame() {
                if frame.type == Kind.resetStream { reset.insert(frame.stream) }
            }
            #expect(reset.count == 10)
        }
    }

    @Test("a client that asks and does not read is not read from either, and is given up")
    func slowReader() async throws {
        var limits = HTTPServer.Limits()
        limits.writeStall = .milliseconds(200)
        limits.linger = .milliseconds(50)
        try await withServer(limits: limits) { router in
            router.get("/large") { _ in HTTPResponse(.ok, body: .bytes([UInt8](repeating: 7, count: 8 << 20))) }
        } _: { server in
            let client = try FrameClient(server, receiveBuffer: 4 << 10)
            try client.handshake([(Setting.initialWindowSize, 1 << 31 - 1)])
            try client.send(FrameClient.windowUpdate(0, 1 << 30))
            for id in 0..<8 {
                try client.send(FrameClient.headers(UInt32(id * 2 + 1), FrameClient.request("GET", "/large")))
            }
            try await eventually("the connection is closed") { server.connectionCount == 0 }
        }
    }

    @Test("a body that stops is 408, a settings frame that is never acknowledged ends the connection, so does idleness")
    func silence() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(50)
        limits.idle = .milliseconds(400)
        limits.linger = .milliseconds(50)
        limits.http2.keepaliveTimeout = .milliseconds(200)
        try await withServer(limits: limits) { router in
            router.post("/body") { .text("\(try await $0.body.collect(upTo: 100).count)") }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("POST", "/body"), endStream: false))
            let answer = try client.readUntil { $0.stream == 1 && $0.type == Kind.headers }.last
            #expect(answer?.field(":status") == "408")
            let end = try client.readUntil { $0.type == Kind.goAway }.last
            #expect(end?.errorCode == 0)
            let rude = try FrameClient(server)
            rude.isPolite = false
            try rude.handshake()
            #expect(try rude.readUntil { $0.type == Kind.goAway }.last?.errorCode == 4)
        }
    }

    @Test("a client that does not answer pings is given up, and one that does is not")
    func keepalive() async throws {
        var limits = HTTPServer.Limits()
        limits.http2.keepalive = .milliseconds(20)
        limits.http2.keepaliveTimeout = .milliseconds(200)
        try await withServer(limits: limits, routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            for _ in 0..<5 { #expect(try client.readUntil { $0.type == Kind.ping }.last?.type == Kind.ping) }
            client.isPolite = false
            _ = try client.readUntil { _ in false }
            try await eventually("it is closed") { server.connectionCount == 0 }
        }
    }

    @Test("a table that the client wants larger than anybody needs stays small")
    func headerTable() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake([(Setting.headerTableSize, .max)])
            try client.send(FrameClient.headers(1))
            let head = try client.readUntil { $0.type == Kind.headers }.last
            // RFC 7541 §6.3: its size is 4096.
            #expect(head?.payload.starts(with: [0x3f, 0xe1, 0x1f]) == true)
        }
    }
}

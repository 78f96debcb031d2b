import MartletCore
import MartletRuntime
import Synchronization
import Testing

@testable import MartletHTTP

@Suite("The server over HTTP/2", .serialized, .timeLimit(.minutes(1)))
struct HTTP2ServerTests {
    typealias Kind = FrameClient.Kind

    @Test("both versions are served on one port, and a request in HTTP/1.1 that begins like the preface is one")
    func onePort() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let new = try FrameClient(server)
            try new.handshake()
            try new.send(FrameClient.headers(1))
            let answer = try new.readResponse(1)
            #expect(answer.status == "200")
            #expect(answer.body == Array("hello world\n".utf8))
            for method in ["GET", "PUT", "PATCH", "P", "PRI"] {
                let old = try RawClient(server)
                // Byte by byte: no guess may be made too early.
                for byte in "\(method) /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8 { try old.send([byte]) }
                #expect(try old.readResponse().head.hasPrefix("HTTP/1.1 \(method == "GET" ? 200 : 405) "))
            }
        }
    }

    @Test("the preface may come byte by byte, and a part of it that goes on otherwise is HTTP/1.1's to refuse")
    func slowPreface() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            for byte in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8 { try client.raw.send([byte]) }
            try client.sendSettings([])
            try client.send(FrameClient.headers(1))
            #expect(try client.readResponse(1).status == "200")
            let other = try RawClient(server)
            try other.send("PRI * HTTP/2.0\r\n\r\nXX")
            #expect(try other.readAll().hasPrefix("HTTP/1.1 505 "))
        }
    }

    @Test("answers of one turn leave in one write, and streams are answered as they are ready")
    func manyStreams() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            let ids = (0..<100).map { UInt32($0 * 2 + 1) }
            try client.send(ids.map { FrameClient.headers($0, FrameClient.request("GET", "/n/\($0)")) })
            var open = Set(ids)
            var bodies: [UInt32: String] = [:]
            while !open.isEmpty, let frame = try client.readFrame() {
                if frame.type == Kind.data {
                    bodies[frame.stream, default: ""] += String(decoding: frame.payload, as: UTF8.self)
                }
                if frame.endsStream { open.remove(frame.stream) }
            }
            for id in ids { #expect(bodies[id] == "\(id)") }
        }
    }

    @Test("an authority is the host of the request; cookies that come in several fields are one")
    func fields() async throws {
        try await withServer { router in
            router.get("/fields") { request in
                .text("\(request.authority ?? "")|\(request.headers["host"] ?? "")|\(request.headers["cookie"] ?? "")")
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            let cookies = [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2"), ("cookie", "c=3")]
            try client.send(FrameClient.headers(1, FrameClient.request("GET", "/fields", cookies)))
            #expect(
                String(decoding: try client.readResponse(1).body, as: UTF8.self) == "localhost|localhost|a=1; b=2; c=3")
            let old = [(":method", "GET"), (":scheme", "http"), (":path", "/fields"), ("host", "127.0.0.1")]
            try client.send(FrameClient.headers(3, old))
            #expect(String(decoding: try client.readResponse(3).body, as: UTF8.self) == "127.0.0.1|127.0.0.1|")
        }
    }

    @Test(
        "a request that is malformed where nghttp2 does not look resets its stream",
        arguments: [
            FrameClient.request("GET", "/hello", [("host", "other")]), FrameClient.request("GET", "/hel lo"),
            FrameClient.request("GET", "/hello#fragment"), FrameClient.request("GE T"),
            FrameClient.request("GET", "/hello", [("x", "a\u{1}b")]),
            FrameClient.request("GET", "/hello", [("a b", "c")]),
            [(":method", "GET"), (":scheme", "http"), (":path", "/hello"), (":authority", "a b")],
        ])
    func malformed(_ fields: [(String, String)]) async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, fields))
            let reset = try client.readUntil { $0.stream == 1 }.last
            #expect(reset?.type == Kind.resetStream)
            #expect(reset?.errorCode == 1)
            // The connection goes on.
            try client.send(FrameClient.headers(3))
            #expect(try client.readResponse(3).status == "200")
        }
    }

    @Test("a body goes in and out while the other still comes, and trailers do both ways")
    func bothWays() async throws {
        try await withServer { router in
            router.on(.post, "/echo", bodyLimit: 8 << 20) { request in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        for try await chunk in request.body { try await writer.write(chunk) }
                        writer.setTrailers(["X-Sum": request.body.trailers["x-sum"] ?? "none"])
                    })
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("POST", "/echo"), endStream: false))
            for index in 0..<20 {
                try client.send(FrameClient.data(1, Array("piece \(index)".utf8), endStream: false))
                let piece = try client.readUntil { $0.type == Kind.data && $0.stream == 1 }.last
                #expect(piece?.payload == Array("piece \(index)".utf8))
            }
            try client.send(FrameClient.headers(1, [("x-sum", "20")]))
            let last = try client.readUntil { $0.endsStream }.last
            #expect(last?.type == Kind.headers)
            #expect(last?.field("x-sum") == "20")
        }
    }

    @Test(
        "the handler is cancelled when its stream is reset, and when the connection breaks", arguments: [true, false])
    func cancellation(byReset: Bool) async throws {
        let begun = Locked(false)
        let cancelled = Locked(false)
        try await withServer { router in
            router.get("/waits") { _ in
                begun.withLock { $0 = true }
                do {
                    try await EventLoop.sleep(for: .seconds(60))
                } catch {
                    cancelled.withLock { $0 = true }
                }
                return .text("late")
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("GET", "/waits")))
            try await eventually("the handler runs") { begun.withLock { $0 } }
            if byReset { try client.send(FrameClient.reset(1)) } else { client.raw.reset() }
            try await eventually("it is cancelled") { cancelled.withLock { $0 } }
        }
    }

    @Test("the peer may send more only as the handler reads")
    func backpressure() async throws {
        let mayRead = Locked(false)
        var limits = HTTPServer.Limits()
        limits.http2.streamWindow = 100_000
        limits.http2.connectionWindow = 150_000
        try await withServer(limits: limits) { router in
            router.on(.post, "/slow", bodyLimit: 8 << 20) { request in
                while !mayRead.withLock({ $0 }) { try await EventLoop.sleep(for: .milliseconds(1)) }
                return .text("\(try await request.body.collect(upTo: 8 << 20).count)")
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            let post = FrameClient.request("POST", "/slow")
            try client.send(FrameClient.headers(1, post, endStream: false))
            let piece = [UInt8](repeating: 1, count: 10_000)
            for _ in 0..<10 { try client.send(FrameClient.data(1, piece, endStream: false)) }
            try client.send(FrameClient.ping())
            let idle = try client.readUntil { $0.type == Kind.ping }
            #expect(!idle.contains { $0.type == Kind.windowUpdate && $0.stream == 1 })
            mayRead.withLock { $0 = true }
            // Only now there is room again.
            let opened = try client.readUntil { $0.type == Kind.windowUpdate && $0.stream == 1 }
            #expect(opened.last?.type == Kind.windowUpdate)
            try client.send(FrameClient.data(1, piece))
            #expect(try client.readResponse(1).body == Array("110000".utf8))
        }
    }

    @Test("a stream of events comes event by event, and ends when its stream is reset")
    func events() async throws {
        let ended = Locked(false)
        try await withServer { router in
            router.get("/events") { _ in
                .events { writer in
                    defer { ended.withLock { $0 = true } }
                    for index in 0... {
                        try await writer.send(data: "\(index)")
                        try await EventLoop.sleep(for: .milliseconds(1))
                    }
                }
            }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("GET", "/events")))
            let first = try client.readUntil { $0.type == Kind.data }.last
            #expect(first?.payload == Array("data: 0\n\n".utf8))
            let second = try client.readUntil { $0.type == Kind.data }.last
            #expect(second?.payload == Array("data: 1\n\n".utf8))
            try client.send(FrameClient.reset(1))
            try await eventually("the producer is cancelled") { ended.withLock { $0 } }
        }
    }

    @Test("HEAD has the length and no body; what has no length is reset when its producer fails")
    func shapes() async throws {
        try await withServer { router in
            router.get("/hello") { _ in .text("hello world\n") }
            router.get("/breaks") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("half")
                        throw RawClient.Failure(description: "a secret")
                    })
            }
            router.get("/short") { _ in HTTPResponse(.ok, body: .stream(length: 10) { try await $0.write("short") }) }
        } _: { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("HEAD")))
            let head = try client.readUntil { $0.stream == 1 }.last
            #expect(head?.type == Kind.headers)
            #expect(head?.endsStream == true)
            for (id, path) in [(UInt32(3), "/breaks"), (5, "/short")] {
                try client.send(FrameClient.headers(id, FrameClient.request("GET", path)))
                let end = try client.readUntil { $0.stream == id && ($0.endsStream || $0.type == Kind.resetStream) }
                    .last
                #expect(end?.errorCode == 2, "\(path)")
            }
        }
    }

    @Test("an answer that comes before the request's end is whole, and the rest of the request is waved off")
    func earlyAnswer() async throws {
        try await withServer(routes: ServerTests.routes) { server in
            let client = try FrameClient(server)
            try client.handshake()
            try client.send(FrameClient.headers(1, FrameClient.request("POST", "/ignores"), endStream: false))
            let frames = try client.readUntil { $0.type == Kind.resetStream }
            #expect(frames.contains { $0.stream == 1 && $0.endsStream })
            #expect(frames.last?.errorCode == 0)
            // What was under way is not held against anybody.
            try client.send(FrameClient.data(1, [1, 2, 3]), FrameClient.headers(3))
            #expect(try client.readResponse(3).status == "200")
        }
    }

    @Test("draining says GOAWAY twice, serves what was begun between, finishes what runs, and closes")
    func draining() async throws {
        let mayAnswer = Locked(false)
        try await withServer { router in
            router.get("/waits") { _ in
                while !mayAnswer.withLock({ $0 }) { try await EventLoop.sleep(for: .milliseconds(1)) }
                return .text("done")
            }
        } _: { server in
            let client = try FrameClient(server)
            client.isPolite = false
            try client.handshake()
            try client.send(FrameClient.Frame(type: Kind.settings, flags: 1))
            try client.send(FrameClient.headers(1, FrameClient.request("GET", "/waits")), FrameClient.ping())
            _ = try client.readUntil { $0.type == Kind.ping }
            // Elsewhere: this thread is blocked by the client.
            let drained = Task.detached { await server.drain() }
            let first = try client.readUntil { $0.type == Kind.goAway }.last
            #expect(first.map { FrameClient.Frame.number($0.payload[0..<4]) } == 0x7fff_ffff)
            let ping = try #require(try client.readUntil { $0.type == Kind.ping }.last)
            // Begun before the end of it was seen.
            try client.send(FrameClient.headers(3, FrameClient.request("GET", "/waits")))
            try client.send(FrameClient.ping(1, ping.payload))
            let second = try client.readUntil { $0.type == Kind.goAway }.last
            #expect(second.map { FrameClient.Frame.number($0.payload[0..<4]) } == 3)
            #expect(second?.errorCode == 0)
            mayAnswer.withLock { $0 = true }
            let rest = try client.readUntil { _ in false }
            #expect(Set(rest.filter(\.endsStream).map(\.stream)) == [1, 3])
            await drained.value
        }
    }

    @Test("a stream can be taken before the HTTP handler sees it, read with backpressure, and answered in any order")
    func rawStreams() async throws {
        let server = HTTPServer(
            address: .loopback(port: 0), handler: Endpoint(http: "none") { _ in HTTPResponse(.notFound) },
            streams: EchoAcceptor())
        try server.start()
        try await onOwnThread {
            let client = try FrameClient(server)
            try client.handshake()
            let raw = FrameClient.request("POST", "/raw/unary", [("te", "trailers")])
            try client.send(FrameClient.headers(1, raw, endStream: false), FrameClient.data(1, Array("message".utf8)))
            let frames = try client.readUntil { $0.stream == 1 && $0.endsStream }
            #expect(frames.filter { $0.stream == 1 }.map(\.type) == [Kind.headers, Kind.data, Kind.headers])
            #expect(frames.first { $0.type == Kind.data }?.payload == Array("message".utf8))
            // Others are still the handler's.
            try client.send(FrameClient.headers(3))
            #expect(try client.readResponse(3).status == "404")
            // One that is reset is closed for its observer as well.
            try client.send(FrameClient.headers(5, raw, endStream: false), FrameClient.ping())
            _ = try client.readUntil { $0.type == Kind.ping }
            try client.send(FrameClient.reset(5))
            try await eventually("it is told") { EchoAcceptor.closed.withLock { $0 }.contains("CANCEL") }
        }
        await server.drain()
    }
}

/// Sends the request's body back when it has ended, without a task.
private final class EchoAcceptor: HTTP2Acceptor {
    static let closed = Locked<[String]>([])

    func accept(_ stream: HTTP2Stream) -> Bool {
        guard stream.withTarget({ $0.starts(with: "/raw/".utf8) }) else { return false }
        let echo = Echo()
        stream.observer = echo
        echo.streamReceived(stream)
        return true
    }

    private final class Echo: HTTP2StreamObserver {
        func streamReceived(_ stream: HTTP2Stream) {
            guard stream.inputHasEnded else { return }
            stream.sendHead(.ok, ["content-type": "application/grpc"])
            stream.send(stream.takeInput())
            stream.finish(trailers: ["grpc-status": "0"])
        }

        func streamDrained(_ stream: HTTP2Stream) {}

        func streamClosed(_ stream: HTTP2Stream) {
            EchoAcceptor.closed.withLock { $0.append(stream.closeCode?.description ?? "none") }
        }
    }
}

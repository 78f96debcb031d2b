import Glibc
import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite("Bodies on their way through the server", .serialized, .timeLimit(.minutes(1)))
struct ServerBodyTests {
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

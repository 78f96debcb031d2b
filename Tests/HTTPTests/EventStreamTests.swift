import MartletCore
import MartletRuntime
import Testing

@testable import MartletHTTP

@Suite("Streams of events", .timeLimit(.minutes(1)))
struct EventStreamTests {
    @Test("a reader who closes has gone, even if only its half of the connection ends", arguments: [true, false])
    func readerLeaves(early: Bool) async throws {
        let gone = ShutdownSignal()
        let began = ShutdownSignal()
        let mayBegin = ShutdownSignal()
        try await withServer { router in
            router.get("/events") { _ in
                began.trigger()
                await mayBegin.wait()
                return .events { events in
                    defer { gone.trigger() }
                    try await events.send(data: "first")
                    await ShutdownSignal().wait()
                }
            }
        } _: { server in
            let client = try RawClient(server)
            try client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await began.wait()
            if early {
                client.finishSending()
                mayBegin.trigger()
            } else {
                mayBegin.trigger()
                _ = try client.read(until: "first\n\n")
                client.finishSending()
            }
            // No heartbeat is due for 15 seconds.
            await gone.wait()
        }
    }

    @Test("a stream that its producer ends while the server drains arrives to its end")
    func endsWhileDraining() async throws {
        let mayEnd = ShutdownSignal()
        let server = try HTTPServer(port: 0) { router in
            router.get("/events") { _ in
                .events { events in
                    try await events.send(data: "first")
                    await mayEnd.wait()
                    try await events.send(data: "last")
                }
            }
        }
        try server.start()
        try await onOwnThread {
            let client = try RawClient(server)
            try client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try client.read(until: "first\n\n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.drain() }
                while (try? RawClient(server)) != nil { await Task.yield() }
                mayEnd.trigger()
                let rest = try client.readAll()
                #expect(rest.hasSuffix("data: last\n\n\r\n0\r\n\r\n"))
            }
        }
        #expect(server.connectionCount == 0)
    }
}

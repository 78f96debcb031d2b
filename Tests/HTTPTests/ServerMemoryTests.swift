import MartletCore
import MartletRuntime
import Testing

@testable import MartletHTTP

@Suite("The server's memory", .timeLimit(.minutes(1)))
struct ServerMemoryTests {
    private struct Weak: Sendable {
        nonisolated(unsafe) weak var connection: ServerConnection?
        nonisolated(unsafe) weak var stream: Connection?
    }

    @Test("a connection that is over is freed, however it ended")
    func freed() async throws {
        let connections = 60
        let seen = Locked<[Weak]>([])
        var limits = HTTPServer.Limits()
        limits.bodyPause = .milliseconds(5)
        try await withServer(limits: limits) { router in
            ServerTests.routes(&router)
            router.post("/seen") { request in
                if case .source(let source) = request.body.storage,
                    let connection = Mirror(reflecting: source).descendant("server") as? ServerConnection
                {
                    let weak = Weak(connection: connection, stream: connection.connection)
                    seen.withLock { $0.append(weak) }
                }
                return .text("\(try await request.body.collect(upTo: 10).count)")
            }
        } _: { server in
            for index in 0..<connections {
                let client = try RawClient(server)
                for _ in 0..<3 {
                    try client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    _ = try client.readResponse()
                }
                let end = index % 4 == 2 ? "0\r\n\r\n" : ""
                try client.send(
                    "POST /seen HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n" + end)
                switch index % 4 {
                case 0: client.reset()
                case 1:
                    // The body never ends.
                    #expect(try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 408 "))
                case 2: #expect(try client.readResponse().body == "1")
                default: client.finishSending()
                }
            }
            while server.connectionCount > 0 { await Task.yield() }
        }
        let left = seen.withLock { $0.filter { $0.connection != nil || $0.stream != nil }.count }
        #expect(seen.withLock { $0.count } > connections / 2)
        #expect(left == 0)
    }
}

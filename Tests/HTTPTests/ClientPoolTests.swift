import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("The client's connections", .serialized, .timeLimit(.minutes(1)))
struct ClientPoolTests {
    @Test("at the limit requests wait in line, one more is refused, and all of them are answered")
    func waitingInLine() async throws {
        let slow = SlowServing()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.connections = 2
        limits.waiting = 3
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 {
                    group.addTask { await failure { try await client.text(.get, "/", from: base) } }
                }
                #expect(try await group.next()?.hasPrefix("unavailable: ") == true)
                slow.open()
                for try await outcome in group { #expect(outcome == "no error") }
            }
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a wait in line ends at the deadline, and when the task is cancelled")
    func givingUpInLine() async throws {
        let slow = SlowServing()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.connections = 1
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.text(.get, "/", from: base) }
                try await eventually("the connection is taken") { server.connectionCount == 1 }
                let text = await failure {
                    try await client.text(.get, "/", from: base, deadline: .now + .milliseconds(20))
                }
                #expect(text.hasPrefix("deadline_exceeded: "))
                let waiting = Task { await failure { try await client.text(.get, "/", from: base) } }
                try await EventLoop.sleep(for: .milliseconds(5))
                waiting.cancel()
                #expect(await waiting.value == "CancellationError()")
                slow.open()
                try await group.waitForAll()
            }
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a cancelled call closes its connection, and the next one succeeds")
    func cancellation() async throws {
        let slow = SlowServing()
        let server = try RawServer { try await slow.serve($0) }
        let base = try server.base()
        try await withClient { client async throws in
            let call = Task { await failure { try await client.text(.get, "/", from: base) } }
            try await eventually("the request is under way") { slow.requestCount == 1 }
            call.cancel()
            #expect(await call.value == "CancellationError()")
            slow.open()
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
        #expect(server.connectionCount == 2)
    }

    @Test("idle connections are closed after a while, and beyond their number")
    func idling() async throws {
        let server = try RawServer(answering: RawServer.okay)
        let base = try server.base()
        var limits = HTTPClient.Limits()
        limits.idle = .milliseconds(40)
        limits.idleConnections = 1
        try await withClient(limits: limits) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await client.text(.get, "/", from: base) } }
                try await group.waitForAll()
            }
            #expect(server.connectionCount >= 1)
            try await eventually("nothing idles for ever") { server.openConnections == 0 }
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
    }

    @Test("a closed client refuses calls")
    func closed() async throws {
        let server = try RawServer(answering: RawServer.okay)
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            client.close()
            try await eventually("the idle connection is closed") { server.openConnections == 0 }
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text == "unavailable: the HTTP client is closed")
        }
    }

    @Test("a body that is dropped unread gives its connection up")
    func droppedBodies() async throws {
        let server = try RawServer { connection in
            let head = try await connection.readRequestHead()
            if head.hasPrefix("GET /endless") {
                try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while true {
                    try connection.send("1\r\nx\r\n")
                    try await connection.drained()
                    try await EventLoop.sleep(for: .milliseconds(1))
                }
            }
        }
        let base = try server.base()
        try await withClient { client async throws in
            do {
                let response = try await client.send(HTTPRequest(.get, "/endless"), to: base)
                var iterator = response.body.makeAsyncIterator()
                #expect(try await iterator.next()?.isEmpty == false)
            }
            try await eventually("the server sees it") { server.openConnections == 0 }
        }
    }
}

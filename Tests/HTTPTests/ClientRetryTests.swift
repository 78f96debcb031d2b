import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("What the client sends again", .serialized, .timeLimit(.minutes(1)))
struct ClientRetryTests {
    /// Answers the first request of a connection, and hangs up on the second.
    static func flaky() throws -> RawServer {
        try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send(RawServer.okay)
            _ = try await connection.readRequestHead()
        }
    }

    @Test("a kept connection that is closed under a request: it is sent again if it may be")
    func retries() async throws {
        let server = try Self.flaky()
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            #expect(try await client.text(.get, "/", from: base) == "ok")
            #expect(try await client.text(.put, "/", from: base, body: .string("x")) == "ok")
            #expect(
                try await client.text(.post, "/", from: base, headers: ["Idempotency-Key": "1"], body: .string("x"))
                    == "ok")
            let context = CallContext(trace: .root(), idempotencyKey: "2")
            try await CallContext.$current.withValue(context) { () async throws in
                #expect(try await client.text(.post, "/", from: base) == "ok")
            }
        }
        #expect(server.connectionCount == 5)
    }

    @Test("what may have been done already, or cannot be read twice, is not sent again")
    func noRetries() async throws {
        let server = try Self.flaky()
        let base = try server.base()
        try await withClient { client async throws in
            let requests = [
                HTTPRequest(.post, "/", body: .string("x")),
                HTTPRequest(.put, "/", body: .stream { try await $0.write("x") }),
            ]
            for request in requests {
                #expect(try await client.text(.get, "/", from: base) == "ok")
                let text = await failure { try await client.send(request, to: base) }
                #expect(text.hasPrefix("unavailable: \(base): the connection broke: "))
            }
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a request is sent again once, not for ever")
    func onlyOnce() async throws {
        let first = Locked(true)
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            let isFirst = first.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard isFirst else { return }
            try connection.send(RawServer.okay)
            _ = try await connection.readRequestHead()
        }
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text.hasSuffix("closed by the server before an answer"))
        }
        #expect(server.connectionCount == 2)
    }
}

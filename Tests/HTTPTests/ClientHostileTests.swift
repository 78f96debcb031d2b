import Glibc
import MartletCore
import MartletHTTP
import MartletRuntime
import Testing

@Suite("The client against servers that do it wrong", .serialized, .timeLimit(.minutes(1)))
struct ClientHostileTests {
    @Test(
        "an answer that is not valid HTTP is an error, and its connection is closed",
        arguments: [
            ("SSH-2.0-OpenSSH\r\n", "invalid status line"),
            ("HTTP/1.1 200 OK\n\n", "line feed without a carriage return"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "repeated Content-Length"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nx", "invalid Content-Length"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding with Content-Length"
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "invalid chunk size"),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol, which nobody asked for"),
        ])
    func invalid(answer: String, reason: String) async throws {
        try await expectRefusal(of: answer, reason)
    }

    @Test("an answer with too much before its body is an error")
    func excessive() async throws {
        let filler = String(repeating: "a", count: 70_000)
        try await expectRefusal(of: "HTTP/1.1 200 OK\r\nX: \(filler)", "header too large")
        let fields = String(repeating: "X: y\r\n", count: 200)
        try await expectRefusal(of: "HTTP/1.1 200 OK\r\n\(fields)\r\n", "too many header fields")
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 100)
        try await expectRefusal(of: interim, "too many interim responses")
    }

    func expectRefusal(of answer: String, _ reason: String) async throws {
        let server = try RawServer(answering: answer)
        let base = try server.base()
        try await withClient { client async throws in
            for _ in 0..<2 {
                let text = await failure { try await client.text(.get, "/", from: base) }
                #expect(text.hasPrefix("unavailable: http://127.0.0.1:"))
                #expect(text.hasSuffix("the answer is not valid HTTP: \(reason)"))
            }
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a head that never ends is cut off at the limit, not at the deadline")
    func endlessHead() async throws {
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send("HTTP/1.1 200 OK\r\n")
            while true {
                try connection.send("X-Filler: filler\r\n")
                try await connection.drained()
                await Task.yield()
            }
        }
        let base = try server.base()
        try await withClient { client async throws in
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text.hasSuffix("too many header fields"))
        }
    }

    @Test(
        "an answer that ends too early is an error, wherever it ends",
        arguments: [
            "", "HTT", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        ])
    func cutShort(answer: String) async throws {
        let server = try RawServer(answering: answer, thenClosing: true)
        let base = try server.base()
        try await withClient { client async throws in
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text.contains("closed by the server"))
        }
    }

    @Test("without a length the end of the connection is the end of the body")
    func untilClose() async throws {
        let server = try RawServer(answering: "HTTP/1.0 200 OK\r\n\r\nall of it", thenClosing: true)
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "all of it")
        }
    }

    @Test(
        "a connection is not used again after bytes nobody asked for, Connection: close, or HTTP/1.0",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        ])
    func notReused(answer: String) async throws {
        let server = try RawServer(answering: answer)
        let base = try server.base()
        try await withClient { client async throws in
            for _ in 0..<3 { #expect(try await client.text(.get, "/", from: base) == "ok") }
        }
        #expect(server.connectionCount == 3)
    }

    @Test("bytes that arrive on an idle connection are nobody's answer")
    func unaskedAnswer() async throws {
        let (isIdle, isSent) = (ShutdownSignal(), ShutdownSignal())
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await isIdle.wait()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            try await connection.finished()
            isSent.trigger()
            _ = try await connection.moreInput()
        }
        let base = try server.base()
        try await withClient { client async throws in
            #expect(try await client.text(.get, "/", from: base) == "ok")
            isIdle.trigger()
            await isSent.wait()
            // A turn of the client's loop, in which it reads what the kernel holds for it.
            try await EventLoop.sleep(for: .milliseconds(1))
            #expect(try await client.text(.get, "/", from: base) == "ok")
        }
        #expect(server.connectionCount == 2)
    }

    @Test("an answer that drips is cut off at the deadline, in the head and in the body")
    func drip() async throws {
        let server = try RawServer { connection in
            let head = try await connection.readRequestHead()
            let answer =
                head.hasPrefix("GET /body") ? "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" : "HTTP/1.1 200 OK"
            try connection.send(answer)
            while true {
                try connection.send("x")
                try await EventLoop.sleep(for: .milliseconds(2))
            }
        }
        let base = try server.base()
        try await withClient { client async throws in
            for path in ["/head", "/body"] {
                let text = await failure {
                    try await client.text(.get, path, from: base, deadline: .now + .milliseconds(60))
                }
                #expect(text.hasPrefix("deadline_exceeded: "))
            }
        }
        try await eventually("the server sees the connections closed") { server.openConnections == 0 }
    }

    @Test("interim answers are read over")
    func interim() async throws {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
        let server = try RawServer(answering: interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let base = try server.base()
        try await withClient { client async throws in
            for _ in 0..<2 { #expect(try await client.text(.get, "/", from: base) == "ok") }
        }
        #expect(server.connectionCount == 1)
    }

    @Test("an answer before the body was sent ends the sending")
    func earlyAnswer() async throws {
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            try connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            try await connection.finished()
            while try await connection.moreInput() { connection.input.consume(connection.input.count) }
        }
        let base = try server.base()
        let ended = Locked<String?>(nil)
        try await withClient { client async throws in
            let body = HTTPBody.stream { writer in
                do {
                    while true {
                        try await writer.write("more ")
                        await Task.yield()
                    }
                } catch {
                    ended.withLock { $0 = "\(error)" }
                    throw error
                }
            }
            let response = try await client.send(HTTPRequest(.post, "/", body: body), to: base)
            #expect(response.status == .contentTooLarge)
            #expect(try await response.body.collect(upTo: 10) == Array("big".utf8))
            try await eventually("the producer was ended") { ended.withLock { $0 != nil } }
        }
    }

    @Test("an answer followed by a reset while the body is being sent is still the answer")
    func answerAndReset() async throws {
        let hasAnswer = ShutdownSignal()
        let server = try RawServer { connection in
            _ = try await connection.readRequestHead()
            connection.inputLimit = 1
            try connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            try await connection.finished()
            await hasAnswer.wait()
            connection.resetOnClose()
        }
        let base = try server.base()
        try await withClient { client async throws in
            let body = HTTPBody.bytes([UInt8](repeating: 0, count: 32 << 20))
            let response = try await client.send(HTTPRequest(.post, "/", body: body), to: base)
            hasAnswer.trigger()
            #expect(response.status == .contentTooLarge)
            #expect(try await response.body.collect(upTo: 10) == Array("big".utf8))
        }
    }

    @Test("an answer that nobody had read yet when the sending failed is still the answer")
    func answerBeforeFailedWrite() async throws {
        let (listener, port) = try boundSocket()
        defer { close(listener) }
        listen(listener, 1)
        let base = try HTTPBaseURL(host: "127.0.0.1", port: Int(port))
        try await withClient { client async throws in
            let body = HTTPBody.stream { writer in
                try await writer.write("first ")
                // On the connection's loop, which reads nothing meanwhile. What was sent is unread: the close is a reset.
                let peer = accept(listener, nil, nil)
                let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"
                _ = send(peer, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                close(peer)
                while true { try await writer.write("more ") }
            }
            let response = try await client.send(HTTPRequest(.post, "/", body: body), to: base)
            #expect(response.status == .contentTooLarge)
            #expect(try await response.body.collect(upTo: 10) == Array("big".utf8))
        }
    }

    @Test("a server that does not accept is unreachable within the limit for connecting")
    func noAccept() async throws {
        let (listener, port) = try boundSocket()
        listen(listener, 0)
        // These fill the queue of connections that wait to be accepted; the kernel then answers nobody.
        let fillers = (0..<3).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        }
        for filler in fillers { _ = connectToLoopback(filler, port) }
        defer { for descriptor in fillers + [listener] { close(descriptor) } }
        var limits = HTTPClient.Limits()
        limits.connect = .milliseconds(50)
        let base = try HTTPBaseURL(host: "127.0.0.1", port: Int(port))
        try await withClient(limits: limits) { client async throws in
            let text = await failure { try await client.text(.get, "/", from: base) }
            #expect(text == "unavailable: cannot connect to http://127.0.0.1:\(port) (no answer within 0.05 seconds)")
        }
    }
}

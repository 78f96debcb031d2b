import MartletCore
import MartletRuntime
import MartletSMTP
import Testing

@Suite("The receiver and the client, over a socket", .timeLimit(.minutes(1)))
struct ServerTests {
    /// What a receiver was given.
    final class Kept: Sendable {
        private let mails = Locked<[ReceivedMail]>([])
        var all: [ReceivedMail] { mails.withLock { $0 } }
        func add(_ mail: ReceivedMail) -> Int64 {
            mails.withLock {
                $0.append(mail)
                return Int64($0.count)
            }
        }
    }

    private func withServer(
        _ change: (inout SMTPServer.Limits) -> Void = { _ in }, failure: ServiceError? = nil,
        _ body: (SMTPServer, Kept) async throws -> Void
    ) async throws {
        var limits = SMTPServer.Limits()
        limits.linger = .milliseconds(200)
        change(&limits)
        let kept = Kept()
        let server = SMTPServer(
            address: .loopback(port: 0), domain: "here", limits: limits,
            handler: Endpoint("keep", exchange: .smtp) { mail in
                if let failure { throw failure }
                return MailReceipt(id: kept.add(mail))
            })
        try server.start()
        do {
            try await body(server, kept)
        } catch {
            await server.drain()
            throw error
        }
        await server.drain()
    }

    /// Sends each text when the reply to the one before is there; all that came until the end.
    private func talk(_ server: SMTPServer, _ texts: [String]) async throws -> String {
        let address = try #require(server.address)
        return try await EventLoopGroup.shared.run { loop in
            let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
            defer { connection.close() }
            var said = 0
            for text in texts {
                while connection.input.count == said, try await connection.moreInput() {}
                said = connection.input.count
                connection.output.append(text)
                do { try connection.flush() } catch { break }
            }
            do { while try await connection.moreInput() {} } catch {}
            return String(decoding: connection.input.readableBytes, as: UTF8.self)
        }
    }

    private func codes(_ text: String) -> [String] {
        text.split(separator: "\r\n").filter { $0.dropFirst(3).first == " " }.map { String($0.prefix(3)) }
    }

    private static let message = "Subject: s\r\n\r\nbody\r\n.\r\n"

    @Test("commands may come all at once, and so may messages")
    func pipelining() async throws {
        try await withServer { server, kept in
            let mail = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\(Self.message)"
            let said = try await talk(server, ["EHLO c\r\n" + mail + mail + "QUIT\r\n"])
            #expect(codes(said) == ["220", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"])
            #expect(kept.all.count == 2)
            #expect(String(decoding: kept.all[1].content, as: UTF8.self) == "Subject: s\r\n\r\nbody\r\n")
            #expect(kept.all[1].hello == "c" && kept.all[1].isExtended)
        }
    }

    @Test(
        "what looks like the end of a message to some is refused, and nothing behind it is done",
        arguments: ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r"])
    func smuggling(end: String) async throws {
        try await withServer { server, kept in
            let smuggled = "MAIL FROM:<x@y>\r\nRCPT TO:<z@y>\r\nDATA\r\n\(Self.message)"
            let said = try await talk(
                server, ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nbody\(end)\(smuggled)QUIT\r\n"])
            #expect(codes(said) == ["220", "250", "250", "250", "354", "521"])
            #expect(kept.all.isEmpty)
        }
    }

    @Test("a message that is too large is read over and refused, and the session goes on")
    func tooLarge() async throws {
        try await withServer {
            $0.messageBytes = 100_000
        } _: { server, kept in
            let line = String(repeating: "x", count: 998) + "\r\n"
            let large = String(repeating: line, count: 200)
            let said = try await talk(
                server,
                ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\(large).\r\nMAIL FROM:<a@b>\r\nQUIT\r\n"])
            #expect(codes(said) == ["220", "250", "250", "250", "354", "552", "250", "221"])
            #expect(kept.all.isEmpty)
            #expect(server.bytesInProgress == 0)
        }
    }

    @Test("a message without end is broken off, and holds no memory meanwhile")
    func endless() async throws {
        try await withServer {
            $0.messageBytes = 100_000
            $0.discardedBytes = 300_000
        } _: { server, kept in
            let line = String(repeating: "x", count: 998) + "\r\n"
            let said = try await talk(
                server,
                ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", String(repeating: line, count: 1000)])
            #expect(codes(said).suffix(1) == ["552"])
            #expect(kept.all.isEmpty)
            #expect(server.bytesInProgress == 0)
        }
    }

    @Test("messages of all connections together have a limit")
    func bytesInProgress() async throws {
        try await withServer {
            $0.bytesInProgress = 100_000
        } _: { server, _ in
            let large = String(repeating: String(repeating: "x", count: 998) + "\r\n", count: 150)
            let said = try await talk(
                server, ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\(large).\r\nQUIT\r\n"])
            #expect(codes(said) == ["220", "250", "250", "250", "354", "452", "221"])
        }
    }

    @Test("whoever is too slow is told so, before a command and in a message")
    func slow() async throws {
        try await withServer {
            // Long enough for what is said to arrive on a busy machine.
            $0.commandTime = .milliseconds(700)
            $0.dataTime = .milliseconds(700)
        } _: { server, kept in
            #expect(codes(try await talk(server, ["EHLO c\r\n"])) == ["220", "250", "421"])
            let said = try await talk(server, ["EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhalf a li"])
            #expect(codes(said) == ["220", "250", "250", "250", "354", "421"])
            #expect(kept.all.isEmpty)
        }
    }

    @Test("one connection too many is told to come back")
    func tooManyConnections() async throws {
        try await withServer {
            $0.connections = 1
        } _: { server, _ in
            let address = try #require(server.address)
            try await EventLoopGroup.shared.run { loop in
                let first = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
                defer { first.close() }
                _ = try await first.moreInput()
                let second = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
                defer { second.close() }
                _ = try await second.moreInput()
                #expect(String(decoding: second.input.readableBytes, as: UTF8.self).hasPrefix("421 "))
            }
        }
    }

    @Test("a graceful end says so to those who wait, and the address is free after it")
    func drain() async throws {
        try await withServer { server, _ in
            let address = try #require(server.address)
            let said = try await EventLoopGroup.shared.run { loop in
                let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
                defer { connection.close() }
                _ = try await connection.moreInput()
                async let drained: Void = server.drain()
                while try await connection.moreInput() {}
                await drained
                return String(decoding: connection.input.readableBytes, as: UTF8.self)
            }
            #expect(codes(said) == ["220", "421"])
            _ = try Listener(address)
        }
    }

    // MARK: The client

    private func client(_ server: SMTPServer, connect: Duration = .seconds(10)) throws -> SMTPClient {
        let port = try #require(server.address?.port)
        return SMTPClient(
            SMTPClient.Server(
                address: HostPort(host: "127.0.0.1", port: Int(port)), encryption: .none, domain: "client.example"),
            connectTime: connect, sendTime: connect)
    }

    private static func envelope() throws -> SMTPEnvelope {
        SMTPEnvelope(
            sender: try MailAddress("a@b"), recipients: [try MailAddress("\"c c\"@d"), try MailAddress("e@f")])
    }

    @Test("what the client sends is what the receiver gets, dots and all")
    func roundTrip() async throws {
        try await withServer { server, kept in
            let content = Array("Subject: s\r\n\r\n.\r\n..\r\n.x\r\nend\r\n".utf8)
            try await client(server).send(content, try Self.envelope())
            let mail = try #require(kept.all.first)
            #expect(mail.content == content)
            #expect(mail.envelope == (try Self.envelope()))
            #expect(mail.hello == "client.example")
            try await client(server).send(content, SMTPEnvelope(sender: nil, recipients: [try MailAddress("e@f")]))
            #expect(kept.all[1].envelope.sender == nil)
        }
    }

    @Test(
        "a refusal for good and one for now are told apart, in the server's words",
        arguments: [
            (ServiceError(.invalidArgument, "no such thing"), true), (ServiceError(.unavailable, "later"), false),
        ])
    func refusals(error: ServiceError, isPermanent: Bool) async throws {
        try await withServer(failure: error) { server, _ in
            do {
                try await client(server).send(Array("x\r\n".utf8), try Self.envelope())
                Issue.record("it was taken")
            } catch let failure as SMTPClientError {
                #expect(failure.isPermanent == isPermanent)
                #expect(failure.description.contains(error.message))
            }
        }
    }

    @Test("a server that is not there, or says nothing, is an error that may pass, in time")
    func noServer() async throws {
        let silent = try Listener(.loopback(port: 0))
        let port = try #require(silent.address.port)
        for (address, time) in [(Int(port), Duration.milliseconds(100)), (1, .seconds(10))] {
            let client = SMTPClient(
                SMTPClient.Server(address: HostPort(host: "127.0.0.1", port: address), encryption: .none),
                connectTime: time, sendTime: time)
            await #expect {
                try await client.send(Array("x\r\n".utf8), try Self.envelope())
            } throws: {
                ($0 as? SMTPClientError)?.isPermanent == false
            }
        }
    }

    @Test("a server without TLS gets no mail where TLS is asked for")
    func noTLS() async throws {
        try await withServer { server, kept in
            let port = try #require(server.address?.port)
            let address = HostPort(host: "127.0.0.1", port: Int(port))
            let secret = Secret("p")
            for wanted in [
                SMTPClient.Server(address: address, encryption: .required),
                SMTPClient.Server(address: address, encryption: .opportunistic, user: "u", password: secret),
            ] {
                await #expect(throws: SMTPClientError.self) {
                    try await SMTPClient(wanted).send(Array("x\r\n".utf8), try Self.envelope())
                }
            }
            #expect(kept.all.isEmpty)
            let plain = SMTPClient.Server(address: address, encryption: .opportunistic)
            try await SMTPClient(plain).send(Array("x\r\n".utf8), try Self.envelope())
            #expect(kept.all.count == 1)
        }
    }
}

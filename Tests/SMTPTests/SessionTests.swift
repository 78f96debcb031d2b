import Testing

@testable import MartletSMTP

@Suite("A session")
struct SessionTests {
    private func session(_ change: (inout SMTPServer.Limits) -> Void = { _ in }) -> SMTPSession {
        var limits = SMTPServer.Limits()
        change(&limits)
        return SMTPSession(name: "here", limits: limits)
    }

    private func codes(_ session: inout SMTPSession, _ lines: String...) -> [Int] {
        lines.map { line in
            switch Array(line.utf8).withUnsafeBytes({ session.handle(line: $0) }) {
            case .reply(let reply), .receive(let reply), .close(let reply): reply.code
            }
        }
    }

    @Test("takes a message from its greeting to its end, and another one after it")
    func order() {
        var session = session()
        #expect(session.greeting.text == "220 here ESMTP Martlet\r\n")
        #expect(
            codes(&session, "EHLO c", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "RCPT TO:<e@f>", "DATA") == [
                250, 250, 250, 250, 354,
            ])
        #expect(session.envelope?.recipients.map(\.description) == ["c@d", "e@f"])
        #expect(session.endMessage(SMTPReply(250, "2.0.0", "kept")) == .reply(SMTPReply(250, "2.0.0", "kept")))
        #expect(session.envelope == nil)
        #expect(codes(&session, "MAIL FROM:<>", "RCPT TO:<c@d>", "RSET", "DATA", "QUIT") == [250, 250, 250, 503, 221])
    }

    @Test("says what it can to EHLO, and nothing of it to HELO")
    func extensions() {
        var session = session { $0.messageBytes = 1000 }
        let extended = Array("EHLO c".utf8).withUnsafeBytes { session.handle(line: $0) }
        guard case .reply(let reply) = extended else { return #expect(Bool(false), "\(extended)") }
        #expect(
            reply.text
                == "250-here\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000\r\n")
        let plain = Array("HELO c".utf8).withUnsafeBytes { session.handle(line: $0) }
        #expect(plain == .reply(SMTPReply(250, nil, "here")))
    }

    @Test("refuses what comes out of order, and goes on")
    func wrongOrder() {
        var session = session()
        #expect(codes(&session, "MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA") == [503, 503, 503])
        #expect(
            codes(&session, "EHLO c", "MAIL FROM:<a@b>", "MAIL FROM:<a@b>", "DATA", "RCPT TO:<c@d>") == [
                250, 250, 503, 554, 250,
            ])
        // EHLO again begins anew.
        #expect(codes(&session, "EHLO c", "RCPT TO:<c@d>") == [250, 503])
    }

    @Test("refuses a message that says that it is too large before it comes")
    func size() {
        var session = session { $0.messageBytes = 1000 }
        #expect(codes(&session, "EHLO c", "MAIL FROM:<a@b> SIZE=1001", "MAIL FROM:<a@b> SIZE=1000") == [250, 552, 250])
        #expect(codes(&session, "RSET", "MAIL FROM:<a@b> SIZE=1073741824") == [250, 552])
    }

    @Test("has a limit on recipients, on errors and on commands that come to nothing")
    func limits() {
        var crowded = session { $0.recipients = 2 }
        #expect(
            codes(&crowded, "EHLO c", "MAIL FROM:<a@b>", "RCPT TO:<a@b>", "RCPT TO:<a@c>", "RCPT TO:<a@d>", "DATA")
                == [250, 250, 250, 250, 452, 354])
        var wrong = session { $0.errors = 2 }
        #expect(codes(&wrong, "X", "X", "X") == [500, 500, 421])
        var idle = session { $0.commandsPerMessage = 2 }
        #expect(codes(&idle, "NOOP", "NOOP", "NOOP") == [250, 250, 421])
    }

    @Test("ends at once when a browser was made to talk to it")
    func foreign() {
        var session = session()
        #expect(codes(&session, "POST / HTTP/1.1") == [521])
    }
}

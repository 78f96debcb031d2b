import Testing

@testable import MartletSMTP

@Suite("A command")
struct CommandTests {
    private func read(_ line: String) throws -> SMTPCommand {
        try Array(line.utf8).withUnsafeBytes { try SMTPCommand(line: $0) }
    }

    private func refusal(_ line: String) -> Int? {
        do {
            _ = try read(line)
            return nil
        } catch {
            return (error as? SMTPReply)?.code ?? 0
        }
    }

    @Test("is read whatever the case of its letters")
    func commands() throws {
        let address = try MailAddress("a@b")
        #expect(try read("EHLO client.example") == .hello(domain: "client.example", isExtended: true))
        #expect(try read("helo [127.0.0.1]") == .hello(domain: "[127.0.0.1]", isExtended: false))
        #expect(try read("mail from:<a@b>") == .mail(sender: address, size: nil))
        #expect(try read("MAIL FROM:<a@b> SIZE=1234 BODY=8BITMIME") == .mail(sender: address, size: 1234))
        #expect(try read("MAIL FROM: <a@b>") == .mail(sender: address, size: nil))
        #expect(try read("MAIL FROM:<>") == .mail(sender: nil, size: nil))
        #expect(try read("RCPT TO:<a@b>") == .recipient(address))
        #expect(try read("RCPT TO:<@relay.example,@other.example:a@b>") == .recipient(address))
        #expect(try read(#"RCPT TO:<"a> b\" c"@b>"#) == .recipient(try MailAddress(#""a> b\" c"@b"#)))
        #expect(try read("RCPT TO:<Postmaster>") == .recipient(try MailAddress("postmaster@localhost")))
        #expect(try read("data") == .data)
        #expect(try read("RSET") == .reset)
        #expect(try read("NOOP whatever") == .noop)
        #expect(try read("VRFY a") == .verify)
        #expect(try read("QUIT ") == .quit)
        #expect(try read("POST / HTTP/1.1") == .foreign)
    }

    @Test(
        "that is none is refused",
        arguments: [
            ("", 500), ("HALLO x", 500), ("MAIL", 501), ("MAIL TO:<a@b>", 501), ("MAIL FROM:a@b", 501),
            ("MAIL FROM:<a@b", 501), ("MAIL FROM:<a@b>SIZE=1", 501), ("MAIL FROM:<a@b> SIZE=x", 501),
            ("MAIL FROM:<a@b> SIZE=9999999999999999999", 501), ("MAIL FROM:<a@b> BODY=9BIT", 501),
            ("MAIL FROM:<a@b> SMTPUTF8", 555), ("MAIL FROM:<nobody>", 553), ("RCPT TO:<>", 553),
            ("RCPT TO:<a@b> NOTIFY=NEVER", 555), ("RCPT TO:<a@b\u{0}>", 500), ("RCPT TO:<\"a@b>", 501),
            ("EHLO", 501), ("EHLO a b", 501), ("EHLO <x>", 501), ("DATA now", 501), ("VRFY", 501),
            ("AUTH PLAIN x", 500),
        ])
    func refused(line: String, code: Int) {
        #expect(refusal(line) == code)
    }
}

@Suite("What ends a line")
struct LineEndTests {
    @Test("of a command is CRLF, in whatever pieces it comes")
    func lines() throws {
        let input = Array("NOOP\r\nRSET\r\nQ".utf8)
        var reader = SMTPLineReader()
        for end in 0...4 { #expect(try input[..<end].withUnsafeBytes { try reader.next($0) } == nil) }
        #expect(try input[..<5].withUnsafeBytes { try reader.next($0) } == nil)
        #expect(try input[..<6].withUnsafeBytes { try reader.next($0) } == 6)
        #expect(try input[6...].withUnsafeBytes { try reader.next($0) } == 6)
        #expect(try input[12...].withUnsafeBytes { try reader.next($0) } == nil)
    }

    @Test("of a command is no CR or LF alone", arguments: ["NOOP\nRSET\r\n", "NOOP\rRSET\r\n", "\n"])
    func loneEnds(input: String) {
        var reader = SMTPLineReader()
        #expect(throws: SMTPReply.lineEnd) { try Array(input.utf8).withUnsafeBytes { try reader.next($0) } }
    }

    @Test("must come before the limit")
    func longLine() {
        var reader = SMTPLineReader(limit: 16)
        let input = Array("NOOP 01234567890123456789".utf8)
        #expect(throws: SMTPReply.lineTooLong) { try input.withUnsafeBytes { try reader.next($0) } }
    }

    /// What becomes of `input` in pieces that end there: the message and what follows it, or the reply.
    static func decode(_ input: [UInt8], _ endings: [Int]) -> String {
        var decoder = SMTPDataDecoder(lineLimit: 100)
        var message: [UInt8] = []
        var start = 0
        for end in endings {
            do {
                let result = try input[start..<end].withUnsafeBytes { try decoder.decode($0) { message += $0 } }
                start += result.consumed
                if result.isFinished {
                    return
                        "\(String(decoding: message, as: UTF8.self))|\(String(decoding: input[start...], as: UTF8.self))"
                }
            } catch {
                return (error as? SMTPReply).map { "\($0.code)" + ($0.enhanced == "5.5.6" ? " too long" : "") } ?? "0"
            }
        }
        return "more"
    }

    @Test(
        "of a message is CRLF . CRLF, and the doubled dots are taken out, whatever pieces the bytes come in",
        arguments: [
            (".\r\nQUIT\r\n", "|QUIT\r\n"), ("a\r\n.\r\n", "a\r\n|"), ("a\r\n..\r\n.\r\n", "a\r\n.\r\n|"),
            ("..a\r\n...\r\n.\r\nx", ".a\r\n..\r\n|x"), (".a\r\n.\r\n", "a\r\n|"), ("a.\r\n.\r\n", "a.\r\n|"),
            ("\r\n\r\n.\r\n", "\r\n\r\n|"), ("a\r\n.", "more"), ("a\r\n.\r", "more"), ("a\r", "more"),
            ("é\u{0}\r\n.\r\n", "é\u{0}\r\n|"),
            // What SMTP smuggling is made of.
            ("a\n.\r\nMAIL", "521"), ("a\r\n.\nMAIL", "521"), ("a\n.\nMAIL", "521"), ("a\r.\r\nMAIL", "521"),
            ("a\r\n.\rMAIL", "521"), ("a\r\r\n.\r\n", "521"), ("a\nb\r\n.\r\n", "521"),
            (String(repeating: "x", count: 101) + "\r\n.\r\n", "521 too long"),
            (String(repeating: "x", count: 150) + "\n.\r\n", "521 too long"),
            (String(repeating: "x", count: 100) + "\r\n.\r\n", String(repeating: "x", count: 100) + "\r\n|"),
        ])
    func message(input: String, expected: String) {
        let bytes = Array(input.utf8)
        #expect(Self.decode(bytes, [bytes.count]) == expected)
        #expect(Self.decode(bytes, Array(0...bytes.count)) == expected)
        for cut in 0...bytes.count { #expect(Self.decode(bytes, [cut, bytes.count]) == expected, "cut at \(cut)") }
    }
}

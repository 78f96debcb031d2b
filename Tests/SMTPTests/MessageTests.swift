import MartletCore
import Testing

@testable import MartletSMTP

@Suite("A message that is written")
struct MessageTests {
    private func message(
        subject: String = "s", from: String = "a@b", to: String = "c@d", plain: String = "p", html: String? = "<p>h</p>"
    ) throws -> String {
        let message = MailMessage(
            from: try NamedMailAddress(from), to: [try NamedMailAddress(to)], subject: subject,
            date: WallTime(nanoseconds: 1_795_191_131_000_000_000), messageID: "1.2@here", plain: plain, html: html)
        return String(decoding: try message.encoded(), as: UTF8.self)
    }

    private func field(_ name: String, of message: String) -> String {
        guard let start = message.range(of: "\r\n\(name): ") else { return "none" }
        var value = ""
        for line in message[start.upperBound...].split(separator: "\r\n", omittingEmptySubsequences: false) {
            if !value.isEmpty, line.first != " " { break }
            value += value.isEmpty ? String(line) : "\r\n" + line
        }
        return value
    }

    @Test("has the fields of RFC 5322 and two alternatives")
    func whole() throws {
        let text = try message()
        #expect(
            text.hasPrefix("Date: Fri, 20 Nov 2026 16:12:11 +0000\r\nMessage-ID: <1.2@here>\r\nMIME-Version: 1.0\r\n"))
        #expect(field("From", of: text) == "<a@b>")
        #expect(field("To", of: text) == "<c@d>")
        #expect(field("Subject", of: text) == "s")
        let boundary = text.split(separator: "boundary=\"")[1].prefix { $0 != "\"" }
        let parts = text.components(separatedBy: "\r\n--\(boundary)")
        #expect(parts.count == 4 && parts[3] == "--\r\n")
        let fields = "; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        #expect(parts[1] == "\r\nContent-Type: text/plain\(fields)p")
        #expect(parts[2] == "\r\nContent-Type: text/html\(fields)<p>h</p>")
    }

    @Test("has lines of at most 78 bytes of ASCII, each ended by CRLF, whatever it is about")
    func lines() throws {
        let long = String(repeating: "Donaudampfschifffahrt Größe ", count: 60)
        let text = try message(
            subject: String(long.prefix(1500)), from: "\"\(String(repeating: "ü", count: 200))\" <a@b>",
            plain: long + "\n" + long,
            html: String(repeating: "x", count: 5000))
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 78)
            #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        }
    }

    @Test(
        "says a subject outside ASCII in encoded words, and one of ASCII as it is",
        arguments: [
            ("Test email", "Test email"), ("Grüße", "=?UTF-8?q?Gr=C3=BC=C3=9Fe?="), ("=?x", "=?UTF-8?q?=3D=3Fx?="),
            ("two  blanks", "=?UTF-8?q?two__blanks?="), (" x", "=?UTF-8?q?_x?="), ("a\tb", "=?UTF-8?q?a=09b?="),
        ])
    func subject(given: String, written: String) throws {
        #expect(field("Subject", of: try message(subject: given)) == written)
    }

    @Test(
        "cannot be made to hold another field",
        arguments: ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x@y", "a\u{0}b", "\r\n\r\nbody", "a\r\n"])
    func injection(subject: String) throws {
        #expect(throws: MailMessageError.self) { try self.message(subject: subject) }
        var message = MailMessage(
            from: NamedMailAddress(name: subject, address: try MailAddress("a@b")), to: [], subject: "s",
            messageID: "1@b", plain: "")
        #expect(throws: MailMessageError.self) { try message.encoded() }
        message.from.name = nil
        message.messageID = subject
        #expect(throws: MailMessageError.self) { try message.encoded() }
    }

    @Test("has names in quotes, which they cannot leave")
    func names() throws {
        #expect(field("From", of: try message(from: "Ada <a@b>")) == "\"Ada\" <a@b>")
        #expect(field("From", of: try message(from: #""A \"x\" <y@z>" <a@b>"#)) == #""A \"x\" <y@z>" <a@b>"#)
        #expect(field("To", of: try message(to: "Zoë <a@b>")) == "=?UTF-8?q?Zo=C3=AB?= <a@b>")
    }

    @Test(
        "says text in quoted-printable",
        arguments: [
            ("a=b", "a=3Db"), ("é", "=C3=A9"), ("a \nb\t\r\nc\rd", "a=20\r\nb=09\r\nc\r\nd"), (".\n..", "=2E\r\n=2E."),
            ("From me\nxFrom", "=46rom me\r\nxFrom"), ("a\u{0}b", "a=00b"), ("", ""), ("\n\n", "\r\n\r\n"),
        ])
    func quotedPrintable(text: String, encoded: String) {
        var bytes: [UInt8] = []
        QuotedPrintable.encode(text, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == encoded)
    }

    @Test("breaks a long line softly, and not inside an escape")
    func softBreaks() {
        var bytes: [UInt8] = []
        QuotedPrintable.encode(String(repeating: "é", count: 30), into: &bytes)
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.count == 3)
        #expect(
            lines.dropLast().allSatisfy { $0.hasSuffix("=") && $0.utf8.count <= 76 && ($0.utf8.count - 1) % 3 == 0 })
    }
}

extension String {
    /// Foundation's, which is too large a thing to ask here.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }

    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

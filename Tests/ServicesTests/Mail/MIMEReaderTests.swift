import Testing

@testable import MailService

@Suite("Reading a message")
struct MIMEReaderTests {
    private func read(_ text: String) -> ReadMail { MIMEReader.readNow(Array(text.utf8)) }

    @Test("gives what is there, whatever is missing")
    func malformed() {
        #expect(read("").attachments.isEmpty)
        #expect(read("Subject: s\r\n\r\n").plain == "")
        #expect(read("just a text without any field").attachments.isEmpty)
        #expect(read("Subject: s\r\n\r\nbody").plain == "body")
        #expect(read("Subject: s").field("subject") == "s")
        #expect(read("Content-Type: multipart/mixed\r\n\r\nx").html == nil)
        #expect(read("Content-Type: text/html; charset=no-such\r\n\r\n<p>").html == "<p>")
        #expect(read("Content-Transfer-Encoding: base64\r\n\r\n!!!").plain != nil)
    }

    @Test("stops at parts that lie too deep, and at too many of them")
    func depth() {
        var text = ""
        for level in 0..<200 {
            text += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n"
        }
        #expect(read(text).isCut)
        let parts = String(repeating: "--b\r\nContent-Type: image/png\r\n\r\nx\r\n", count: 2000)
        let many = read("Content-Type: multipart/mixed; boundary=b\r\n\r\n\(parts)--b--\r\n")
        #expect(many.isCut)
        #expect(many.attachments.count < 1000)
    }

    @Test("takes a message in a message for something to open")
    func forwarded() async throws {
        let text = "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner body"
        let mail = read(text)
        #expect(mail.plain == nil)
        #expect(mail.attachments.map(\.name) == ["message.eml"])
        let inner = try await MIMEReader().attachment(0, of: Array(text.utf8))
        #expect(inner.map { String(decoding: $0.bytes, as: UTF8.self) }?.contains("Subject: inner") == true)
    }

    @Test("does not take a text that is attached for the message's own")
    func attachedText() {
        let mail = read(
            """
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\
            Content-Disposition: attachment; filename="../../etc/passwd\\"\r\n\r\nattached\r\n--b\r\n\
            Content-Type: text/plain\r\n\r\nown\r\n--b--\r\n
            """)
        #expect(mail.plain?.hasPrefix("own") == true)
        #expect(mail.attachments.count == 1)
    }
}

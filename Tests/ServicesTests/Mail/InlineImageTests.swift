import MartletHTTP
import Testing

@testable import MailService

@Suite("Images that a mail brings for its HTML", .timeLimit(.minutes(1)))
struct InlineImageTests {
    /// A GIF of one point, as the mail carries it.
    private static let point = "R0lGODlhAQABAAAAACw="

    private static func mail(html: String, images: [(id: String, type: String)]) -> String {
        let parts = images.map { image in
            """
            --b
            Content-Type: \(image.type)
            Content-ID: <\(image.id)>
            Content-Disposition: inline; filename=point
            Content-Transfer-Encoding: base64

            \(point)

            """
        }
        return """
            Subject: pictures
            MIME-Version: 1.0
            Content-Type: multipart/related; boundary=b

            --b
            Content-Type: text/html

            \(html)
            \(parts.joined())--b--
            """
    }

    private func page(_ html: String, images: [(id: String, type: String)] = [("a@b", "image/gif")]) -> String? {
        let source = Self.mail(html: html, images: images).split(separator: "\n", omittingEmptySubsequences: false)
        return MIMEReader.pageNow(Array(source.joined(separator: "\r\n").utf8)).map {
            var text = String(decoding: $0, as: UTF8.self)
            while text.last == "\n" { text.removeLast() }
            return text
        }
    }

    private static let url = "data:image/gif;base64,\(point)"

    @Test(
        "stand where the page names them, however it writes that",
        arguments: [
            (#"<img src="cid:a@b">"#, #"<img src="\#(url)">"#), ("<img src='CID:a%40b'>", "<img src='\(url)'>"),
            ("<img src=cid:a@b>", "<img src=\(url)>"),
            ("<p style=\"background:url(cid:a@b)\">", "<p style=\"background:url(\(url))\">"),
            (#"<img src="cid:a@b"><img src="cid:a@b">"#, #"<img src="\#(url)"><img src="\#(url)">"#),
        ])
    func resolved(html: String, expected: String) {
        #expect(page(html) == expected)
    }

    @Test(
        "leave everything else as it was written",
        arguments: [
            #"<img src="cid:other@b">"#, #"<img src="cid:">"#, #"<img src="acid:a@b">"#, "cid:", "c", "",
            #"<img src="http://tracker/?cid:a@b">"#, #"<img src="/messages/1/attachments/0">"#, #"<img src="cid:a%4"#,
        ])
    func untouched(html: String) {
        #expect(page(html) == html)
    }

    @Test("are images and nothing else: what could hold more than one stays away")
    func types() {
        for type in ["image/svg+xml", "text/html", "application/pdf", "text/plain"] {
            #expect(page(#"<img src="cid:a@b">"#, images: [("a@b", type)]) == #"<img src="cid:a@b">"#, "\(type)")
        }
    }

    @Test("come as they are, once each: the first of two with one name counts")
    func repeated() {
        let page = page(#"<img src="cid:a@b">"#, images: [("a@b", "image/png"), ("a@b", "image/gif")])
        #expect(page == #"<img src="data:image/png;base64,\#(Self.point)">"#)
    }

    @Test("do not make a page without bounds of one that names them over and over")
    func bounded() {
        var images = InlineImages()
        images.add("a", type: "image/png", [UInt8](repeating: 1, count: 3 << 20))
        let html = String(repeating: "<img src=cid:a>", count: 100_000)
        let page = images.resolved(in: html)
        #expect(page.count > 12 << 20)
        #expect(page.count < InlineImages.limit + html.utf8.count)
        #expect(page.suffix(15).elementsEqual("<img src=cid:a>".utf8))
    }

    @Test("are shown by the mailbox under the policy that fetches nothing")
    func served() async throws {
        try await withMail { service, smtp in
            try await deliver(
                Self.mail(html: #"<img src="cid:a@b">"#, images: [("a@b", "image/gif")]), to: smtp)
            let reply = try await service.get("/messages/1/html")
            #expect(reply.body.contains(#"<img src="\#(Self.url)">"#))
            #expect(
                reply.headers["Content-Security-Policy"]
                    == "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
            #expect(try await service.get("/messages/1/attachments/0").status == 200)
        }
    }
}

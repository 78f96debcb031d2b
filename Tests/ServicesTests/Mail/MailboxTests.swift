import MartletCore
import MartletHTTP
import MartletWire
import Testing

@testable import MailService

@Suite("The mailbox", .timeLimit(.minutes(1)))
struct MailboxTests {
    @Test("gives mails back newest first, page by page, and by sender, recipient and text")
    func list() async throws {
        try await withMail { service, _ in
            for number in 1...5 {
                try await service.mail(
                    "Subject \(number)", to: "you\(number)@there.com", message: "100% of _\(number)_")
            }
            #expect(try await service.messages().messages.map(\.id) == [5, 4, 3, 2, 1])
            let first = try await service.messages("?limit=2")
            #expect(first.messages.map(\.subject) == ["Subject 5", "Subject 4"])
            let next = try #require(first.next)
            #expect(try await service.messages("?limit=3&cursor=\(next)").messages.map(\.id) == [3, 2, 1])
            #expect(try await service.messages("?limit=3&cursor=\(next)").next == nil)
            #expect(try await service.messages("?to=YOU3").messages.map(\.id) == [3])
            #expect(try await service.messages("?from=no-reply").messages.count == 5)
            #expect(try await service.messages("?from=nobody").messages.isEmpty)
            #expect(try await service.messages("?text=subject%204").messages.map(\.id) == [4])
            #expect(try await service.messages("?text=0%25%20of%20_2_").messages.map(\.id) == [2])
            #expect(try await service.messages("?state=dead").messages.isEmpty)
            for bad in [
                "limit=0", "limit=501", "cursor=x", "state=lost", "text=%00",
                "to=\(String(repeating: "x", count: 1001))",
            ] {
                #expect(try await service.get("/messages?\(bad)").status == 400, "\(bad)")
            }
        }
    }

    @Test("looks for mails page by page, in so many at once, and leaves none out")
    func search() async throws {
        var store = try await emptyStore()
        store.searchDepth = 10
        for number in 1...45 { _ = try await store.add(try newMail(number % 20 == 1 ? "rare" : "s"), state: .kept) }
        _ = try await store.delete(30)
        var query = MailQuery()
        query.text = "rare"
        var (found, pages): ([Int64], Int) = ([], 0)
        while true {
            let page = try await store.page(query)
            found += page.messages.map(\.id)
            pages += 1
            guard let next = page.next else { break }
            query.before = Int64(next)
        }
        #expect(found == [41, 21, 1])
        #expect(pages == 5)
        #expect(try await store.page(MailQuery()).messages.count == 44, "what is not a search has no such bound")
        query.before = nil
        query.text = "s"
        query.limit = 3
        let page = try await store.page(query)
        #expect(page.messages.map(\.id) == [45, 44, 43] && page.next == "43")
    }

    @Test("takes mail from any program by SMTP, and shows what is in it")
    func smtp() async throws {
        try await withMail { service, smtp in
            try await deliver(Self.rich, to: smtp, recipients: ["c@d", "e@f"])
            let mail = try #require(try await service.messages("?text=Zw%C3%B6lf").messages.first)
            #expect(mail.subject == "Grüße an alle")
            #expect(mail.from == "Zoë <zoe@example.com>")
            #expect(mail.sender == "a@b" && mail.to == ["c@d", "e@f"])
            #expect(mail.messageID == "id@example.com" && mail.state == "kept")
            #expect(try await service.get("/messages/1/plain").body.contains("Zwölf Boxkämpfer"))
            #expect(try await service.get("/messages/1/html").body.contains("<b>Zwölf</b>"))
            let source = try await service.get("/messages/1/source")
            #expect(
                source.body.hasPrefix(
                    "Return-Path: <a@b>\r\nReceived: from localhost ([127.0.0.1])\r\n by localhost with ESMTP;\r\n "))
            #expect(source.body.hasSuffix("--outer--\r\n"))
            let detail = try await service.get("/messages/1").body
            #expect(
                detail.contains(
                    #""attachments":[{"number":0,"name":"Ünïcode.bin","type":"application/x-thing","size":5}"#))
            let attachment = try await service.get("/messages/1/attachments/0")
            #expect(attachment.body == "hello")
            #expect(attachment.headers["Content-Type"] == "application/octet-stream")
            #expect(attachment.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%9Cn%C3%AFcode.bin")
            #expect(try await service.get("/messages/1/attachments/1").status == 404)
            #expect(try await service.get("/messages/1/attachments/-1").status == 404)
        }
    }

    @Test("shows what others wrote under a policy that runs and fetches nothing")
    func policy() async throws {
        try await withMail { service, smtp in
            try await deliver(Self.rich, to: smtp)
            for path in ["html", "plain", "source", "attachments/0"] {
                let headers = try await service.get("/messages/1/\(path)").headers
                #expect(
                    headers["Content-Security-Policy"]
                        == "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:", "\(path)")
                #expect(headers["X-Content-Type-Options"] == "nosniff")
            }
        }
    }

    @Test(
        "has 404 for what is not there",
        arguments: ["/1", "/0", "/x", "/9223372036854775808", "/1/html", "/1/plain", "/1/source"])
    func missing(path: String) async throws {
        try await withMail { service, _ in
            let reply = try await service.get("/messages\(path)")
            #expect(reply.status == 404)
        }
    }

    @Test("deletes one mail, or all")
    func deleting() async throws {
        try await withMail { service, _ in
            for _ in 1...3 { try await service.mail("s") }
            #expect(try await service.send(.delete, "/messages/2").status == 200)
            #expect(try await service.send(.delete, "/messages/2").status == 404)
            #expect(try await service.messages().messages.map(\.id) == [3, 1])
            try await service.send(.delete, "/messages").isEnvelope(
                200, #"{"error":false,"message":"deleted 2"}"#, fields: ["content-type"])
            #expect(try await service.messages().messages.isEmpty)
            try await service.mail("s")
            #expect(try await service.messages().messages.map(\.id) == [4], "an id is never used again")
        }
    }

    @Test("with a token asks for it, to read and to delete")
    func token() async throws {
        let token = "0123456789abcdef"
        try await withMail(["MAILBOX_TOKEN": token]) { service, _ in
            try await service.mail("s")
            for (method, path) in [(HTTPMethod.get, "/messages"), (.get, "/messages/1/html"), (.delete, "/messages/1")]
            {
                for wrong in [[:], ["Authorization": "Bearer \(token)x"], ["Authorization": token]] as [HTTPHeaders] {
                    let reply = try await service.send(method, path, headers: wrong)
                    #expect(reply.status == 401)
                    #expect(reply.headers["WWW-Authenticate"] == "Bearer")
                }
            }
            let right: HTTPHeaders = ["Authorization": "Bearer \(token)"]
            #expect(try await service.get("/messages", headers: right).status == 200)
            #expect(try await service.send(.delete, "/messages/1", headers: right).status == 200)
        }
    }

    @Test("lets nobody delete from other machines without a token")
    func otherMachines() async throws {
        try await withMail(["HOST": "0.0.0.0"]) { service, _ in
            try await service.mail("s")
            #expect(try await service.get("/messages").status == 200)
            #expect(try await service.send(.delete, "/messages/1").status == 403)
            #expect(try await service.messages().messages.count == 1)
        }
    }

    @Test("forgets what is too old or too much, but nothing that waits to be delivered")
    func retention() async throws {
        let time = Locked<Int64>(1_000_000_000)
        let store = try await emptyStore { time.withLock { $0 } }
        _ = try await store.add(try newMail("old"), state: .kept, key: "k")
        _ = try await store.add(try newMail("waits"), state: .queued)
        time.withLock { $0 += 100_000_000_000 }
        _ = try await store.add(try newMail("new"), state: .kept)
        let limits = MailRetentionLimits(age: .seconds(50), size: 1 << 30)
        #expect(try await store.prune(limits) == 1)
        #expect(try await store.page(MailQuery()).messages.map(\.subject) == ["new", "waits"])
        for number in 0..<20 { _ = try await store.add(try newMail("large \(number)", size: 100_000), state: .kept) }
        _ = try await store.prune(MailRetentionLimits(age: .seconds(50), size: 1 << 20))
        let left = try await store.page(MailQuery()).messages.map(\.subject)
        #expect(
            left.contains("waits") && left.contains("large 19") && !left.contains("large 0") && !left.contains("new"))
    }

    /// Nested, with characters outside ASCII everywhere.
    static let rich = """
        From: =?iso-8859-1?q?Zo=EB?= <zoe@example.com>
        To: c@d
        Subject: =?UTF-8?B?R3LDvMOfZQ==?= an alle
        Message-ID: <id@example.com>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=outer

        --outer
        Content-Type: multipart/alternative; boundary=inner

        --inner
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Zw=F6lf Boxk=E4mpfer
        --inner
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: base64

        PGI+WnfDtmxmPC9iPg==
        --inner--

        --outer
        Content-Type: application/x-thing
        Content-Disposition: attachment; filename*=UTF-8''%C3%9Cn%C3%AFcode.bin
        Content-Transfer-Encoding: base64

        aGVsbG8=
        --outer--
        """
}

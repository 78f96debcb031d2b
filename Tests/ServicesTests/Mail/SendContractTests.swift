import MartletCore
import MartletHTTP
import Testing

@testable import MailService

/// Contracts, course A.6, row by row.
@Suite("POST /send", .timeLimit(.minutes(1)))
struct SendContractTests {
    @Test("is 202 `Sent to` with the address as it was given, once the mail is kept")
    func sent() async throws {
        try await withMail { service, _ in
            let body =
                #"{"from":"me@example.com","to":"you@there.com","subject":"Test email","message":"Hello world!"}"#
            try await service.post("/send", body).isEnvelope(202, #"{"error":false,"message":"Sent to you@there.com"}"#)
            let mail = try #require(try await service.messages().messages.first)
            #expect(mail.from == "me@example.com" && mail.to == ["you@there.com"] && mail.subject == "Test email")
            #expect(mail.state == "kept")
            #expect(mail.messageID.hasSuffix("@localhost"))
        }
    }

    @Test("without a sender is from FROM_ADDRESS")
    func defaultSender() async throws {
        let sender = [
            "FROM_ADDRESS": "john.smith@example.com", "FROM_NAME": "John Smith", "MAIL_DOMAIN": "example.org",
        ]
        try await withMail(sender) { service, _ in
            try await service.mail("s")
            let mail = try #require(try await service.messages().messages.first)
            #expect(mail.sender == "john.smith@example.com")
            #expect(mail.messageID.hasSuffix("@example.org"))
            let source = try await service.get("/messages/1/source").body
            #expect(source.contains("\r\nFrom: \"John Smith\" <john.smith@example.com>\r\n"))
        }
    }

    @Test("with a name before the sender's address keeps it")
    func namedSender() async throws {
        try await withMail { service, _ in
            let body = #"{"from":"Ada <ada@example.com>","to":"Bob <bob@there.com>","subject":"s","message":"m"}"#
            try await service.post("/send", body)
                .isEnvelope(202, #"{"error":false,"message":"Sent to Bob \u003cbob@there.com\u003e"}"#)
            let source = try await service.get("/messages/1/source").body
            #expect(source.contains("\r\nFrom: \"Ada\" <ada@example.com>\r\nTo: \"Bob\" <bob@there.com>\r\n"))
            #expect(try await service.messages().messages.first?.to == ["bob@there.com"])
        }
    }

    @Test(
        "is 400 with the reason when an address is none, and nothing is kept",
        arguments: [
            (#"{"to":"not an address"}"#, "Mail Error: mail: no angle-addr; Header: [To] Address: [not an address]"),
            (
                #"{"from":"x","to":"a@b"}"#,
                "Mail Error: mail: missing '@' or angle-addr; Header: [From] Address: [x]"
            ),
            (#"{"to":""}"#, "Mail Error: No recipient specified"), ("{}", "Mail Error: No recipient specified"),
            (
                #"{"to":"a@b","subject":"x\r\nBcc: c@d"}"#,
                "Mail Error: the subject holds a line break or a NUL character"
            ),
            (#"{"to":"a@b","subject":"x\u0000"}"#, "Mail Error: the subject holds a line break or a NUL character"),
            (#"{"to":"a@b","template":"none"}"#, "Mail Error: there is no template “none”"),
            (#"{"to":"a@b","template":"signed-out"}"#, "Mail Error: the template needs a value of “name”"),
            ("", "EOF"),
            (#"{"to":1}"#, "json: cannot unmarshal number into Go struct field mailMessage.to of type string"),
        ])
    func refused(body: String, message: String) async throws {
        try await withMail { service, _ in
            let reply = try await service.post("/send", body)
            #expect(reply.status == 400)
            #expect(reply.body == #"{"error":true,"message":"\#(message.replacing("\"", with: "\\\""))"}"#)
            #expect(try await service.messages().messages.isEmpty)
        }
    }

    @Test("cannot be made to write another field, whatever is injected where")
    func injection() async throws {
        try await withMail { service, _ in
            for end in ["\\r\\n", "\\n", "\\r", "\\u0000"] {
                for field in ["from", "to"] {
                    let other = field == "from" ? "to" : "from"
                    for address in [
                        "a@b\(end)Bcc: c@d", "x\(end)Bcc: c@d <a@b>", "\\\"x\(end)y\\\" <a@b>", "a@b,\(end)c@d",
                    ] {
                        let body = #"{"\#(field)":"\#(address)","\#(other)":"e@f","subject":"s","message":"m"}"#
                        let reply = try await service.post("/send", body)
                        #expect(reply.status == 400, "\(body)")
                    }
                }
            }
            #expect(try await service.messages().messages.isEmpty)
        }
    }

    @Test("writes the message as text and as HTML, escaped in the latter alone")
    func escaping() async throws {
        try await withMail { service, _ in
            try await service.mail("s", message: #"<b>1 & 2</b> 'x' {{.message}}"#)
            let plain = try await service.get("/messages/1/plain")
            #expect(plain.body == "<b>1 & 2</b> 'x' {{.message}}\n")
            let html = try await service.get("/messages/1/html")
            #expect(html.body.contains("&lt;b&gt;1 &amp; 2&lt;/b&gt; &#39;x&#39; {{.message}}</p>"))
        }
    }

    @Test("takes a template and its values")
    func template() async throws {
        try await withMail { service, _ in
            let body =
                #"{"to":"a@b","subject":"s","template":"signed-out","data":{"name":"<Ada>","time":"noon"}}"#
            let reply = try await service.post("/send", body)
            #expect(reply.status == 202)
            #expect(
                try await service.get("/messages/1/plain").body.hasPrefix("Hello <Ada>,\n\nyou signed out at noon."))
            #expect(try await service.get("/messages/1/html").body.contains("Hello &lt;Ada&gt;,"))
        }
    }

    @Test("with an idempotency key keeps one mail, however often it is repeated")
    func repeats() async throws {
        try await withMail { service, _ in
            let body = #"{"to":"a@b","subject":"s","message":"m"}"#
            for _ in 0..<3 {
                let reply = try await service.post("/send", body, headers: ["Idempotency-Key": "k1"])
                #expect(reply.status == 202)
            }
            #expect(try await service.post("/send", body, headers: ["Idempotency-Key": "k2"]).status == 202)
            #expect(try await service.messages().messages.count == 2)
        }
    }

    @Test("answers pages of every site, and nothing else does")
    func origins() async throws {
        try await withMail { service, _ in
            let foreign: HTTPHeaders = ["Origin": "http://elsewhere.example"]
            let reply = try await service.post("/send", #"{"to":"a@b"}"#, headers: foreign)
            #expect(reply.status == 202)
            #expect(reply.headers["Access-Control-Allow-Origin"] == "http://elsewhere.example")
            for path in ["/messages", "/messages/1", "/messages/1/html", "/messages/1/source"] {
                #expect(try await service.get(path, headers: foreign).status == 403, "\(path)")
            }
            #expect(try await service.send(.delete, "/messages", headers: foreign).status == 403)
            #expect(try await service.messages().messages.count == 1)
        }
    }
}

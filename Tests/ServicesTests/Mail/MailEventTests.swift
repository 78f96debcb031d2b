import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import Testing

@testable import MailService

@Suite("Mail that is asked for over the bus", .timeLimit(.minutes(1)))
struct MailEventTests {
    private static let settings = ["DSN": "sqlite::memory:", "SMTP_PORT": "0"]

    private func publish(_ body: String, id: String, on bus: SharedBus) async throws {
        try await bus.bus.publish(
            BusMessage(id: id, routingKey: "mail.send", contentType: "application/json", body: Array(body.utf8)),
            to: CourseBus.mails)
    }

    @Test("`mail.send` is what POST /send is: a mail in the mailbox, by its template, once for its id")
    func sent() async throws {
        try await withBus { bus in
            let body =
                #"{"from":"","to":"ada@example.com","subject":"You signed out","template":"signed-out","#
                + #""data":{"name":"<Ada>","time":"noon"}}"#
            try await publish(body, id: "one", on: bus)
            try await withService(MailApp.self, Self.settings.merging(["BUS_URL": bus.url]) { $1 }) { mail in
                try await bus.eventually(CourseBus.mail) { $0.messages == 0 }
                // Another sender of the same, as a redelivery after the bus forgot its id would be.
                try await mail.post("/send", body, headers: ["Idempotency-Key": "one"]).isEnvelope(
                    202, #"{"error":false,"message":"Sent to ada@example.com"}"#)
                let page = try await mail.get("/messages")
                #expect(page.body.contains(#""subject":"You signed out""#), "\(page.body)")
                #expect(page.body.components(of: #""subject""#) == 1, "\(page.body)")
                #expect(try await mail.get("/messages/1/plain").body.hasPrefix("Hello <Ada>,"))
            }
        }
    }

    @Test(
        "what no mail can be made of is a dead letter at once",
        arguments: [
            "{", #"{"to":"nobody"}"#, #"{"to":"a@b.example","template":"unknown"}"#,
            #"{"to":"a@b.example","template":"signed-out"}"#,
        ])
    func refused(body: String) async throws {
        try await withBus { bus in
            try await withService(MailApp.self, Self.settings.merging(["BUS_URL": bus.url]) { $1 }) { mail in
                try await publish(body, id: "one", on: bus)
                try await bus.eventually(CourseBus.mail) { $0.messages == 0 && $0.deadLetters == 1 }
                #expect(try await mail.get("/messages").body.contains(#""messages":[]"#))
            }
        }
    }
}

extension String {
    /// How often a text is in this one.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

internal import MartletCore
internal import MartletKit
internal import MartletRuntime
internal import MartletSMTP

/// Takes mail from any program by SMTP, and keeps it in the mailbox. Nothing of it is passed on.
struct MailReceiver: StartableService {
    let name = "smtp"
    let server: SMTPServer

    func start() async throws { try server.start() }
    func run() async throws { try await server.run() }
}

/// The mailbox's side of SMTP.
struct Reception: Sendable {
    let store: MailStore
    let reader: MIMEReader
    let intake: MailIntake
    let domain: String

    /// So much of a message is read for the list and the search.
    private static let readLimit = 256 << 10

    var receiveMail: SMTPHandler {
        Endpoint("receiveMail", exchange: .smtp) { [self] mail in
            let read = try await reader.read(Array(mail.content.prefix(Self.readLimit)))
            let source = trace(of: mail) + mail.content
            let id = read.field("message-id")
            let kept = try await store.add(
                NewMail(
                    messageID: id.hasPrefix("<") && id.hasSuffix(">") ? String(id.dropFirst().dropLast()) : id,
                    envelope: mail.envelope, author: read.field("from"), subject: read.field("subject"),
                    text: read.plain ?? read.html ?? "", source: source),
                state: .kept)
            intake.add(source.count)
            return MailReceipt(id: kept.id)
        }
    }

    /// What every receiver puts on top (RFC 5321 §4.4). Nothing in it can hold a line end: the parser has seen to it.
    private func trace(of mail: ReceivedMail) -> [UInt8] {
        let peer = mail.peer.map(Self.literal) ?? "[local]"
        return Array(
            """
            Return-Path: <\(mail.envelope.sender.map { "\($0)" } ?? "")>\r
            Received: from \(mail.hello) (\(peer))\r
             by \(domain) with \(mail.isExtended ? "ESMTP" : "SMTP");\r
             \(MailMessage.dateText(.now))\r\n
            """.utf8)
    }

    /// `[127.0.0.1]`, `[IPv6:::1]` (RFC 5321 §4.1.3).
    private static func literal(_ peer: String) -> String {
        let host = peer.prefix(upTo: peer.lastIndex(of: ":") ?? peer.endIndex)
        return host.hasPrefix("[") ? "[IPv6:\(host.dropFirst())" : "[\(host)]"
    }
}

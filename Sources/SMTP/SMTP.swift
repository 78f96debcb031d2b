// SMTP: mail on the wire. Addresses and messages as text (RFC 5321, 5322, 2045 to 2047), a receiver that takes mail
// from any program, and a client that hands mail to a server. Parsers, writers and the receiver's session are pure
// (bytes in, values out) and know no socket.
//
// What it is not: a mail server. It relays nothing, reads no mailbox and looks up no MX records; what becomes of a
// received message, and when a refused one is tried again, is for whoever uses it. Reading MIME is not here either.

public import MartletCore

/// What takes received mail: an endpoint like any other, so that every ``Middleware`` works on it. It answers when the
/// message is safe; an error it throws is told to the sender as 4yz (try again) or 5yz.
public typealias SMTPHandler = Endpoint<ReceivedMail, MailReceipt>

extension Exchange where Request == ReceivedMail, Response == MailReceipt {
    /// How middleware reads a message that came by SMTP, which carries neither trace nor deadline.
    public static var smtp: Self {
        Exchange(transport: "smtp", inbound: { InboundContext(peer: $0.peer) }, outcome: { _ in .ok })
    }
}

/// A message as it came, and for whom.
public struct ReceivedMail: Sendable {
    public var envelope: SMTPEnvelope
    /// Lines that end in CRLF, not changed in any way.
    public var content: [UInt8]
    /// What the sender called itself in EHLO or HELO; not checked.
    public var hello: String
    public var isExtended: Bool
    /// Whom it came from, as `127.0.0.1:50312`.
    public var peer: String?

    public init(
        envelope: SMTPEnvelope, content: [UInt8], hello: String = "", isExtended: Bool = true, peer: String? = nil
    ) {
        self.envelope = envelope
        self.content = content
        self.hello = hello
        self.isExtended = isExtended
        self.peer = peer
    }
}

/// From whom to whom, whatever the message's own fields say.
public struct SMTPEnvelope: Sendable, Hashable {
    /// Nil for the null path of bounces, `<>`.
    public var sender: MailAddress?
    public var recipients: [MailAddress]

    public init(sender: MailAddress?, recipients: [MailAddress]) {
        self.sender = sender
        self.recipients = recipients
    }
}

/// What a message is known by where it was taken; told to the sender.
public struct MailReceipt: Sendable, Hashable {
    public var id: Int64

    public init(id: Int64) { self.id = id }
}

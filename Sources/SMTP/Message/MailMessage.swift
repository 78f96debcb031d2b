public import MartletCore

/// A message to be written: a text, usually with the same as HTML (RFC 5322, 2045, 2046).
///
/// Whatever its parts hold, what is written is one message with exactly these fields: what could end a field early is
/// refused.
public struct MailMessage: Sendable {
    public var from: NamedMailAddress
    public var to: [NamedMailAddress]
    public var subject: String
    public var date: WallTime
    /// Without its angle brackets: `left@right`. The same for every attempt to deliver the message.
    public var messageID: String
    public var plain: String
    /// Nil for a message without.
    public var html: String?

    public init(
        from: NamedMailAddress, to: [NamedMailAddress], subject: String, date: WallTime = .now, messageID: String,
        plain: String, html: String? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.date = date
        self.messageID = messageID
        self.plain = plain
        self.html = html
    }

    /// In bytes.
    public static let subjectLimit = 2000

    /// A new one, unique wherever it is made.
    /// - Parameter domain: what stands behind the @; `localhost` when that could not stand there.
    public static func makeID(domain: String) -> String {
        let isUsable = (try? MailAddress("a@\(domain)")) != nil && domain.first != "["
        return "\(hexadecimal()).\(hexadecimal())@\(isUsable ? domain : "localhost")"
    }

    private static func hexadecimal() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The message as it is sent: 7-bit, lines of at most 78 bytes (fields made of one long word excepted), CRLF.
    /// - Throws: what keeps it from being one.
    public func encoded() throws(MailMessageError) -> [UInt8] {
        var writer = MailFieldWriter()
        writer.unstructured("Date", Self.dateText(date))
        guard messageID.utf8.allSatisfy({ ASCII.isAtomText($0) || ".@".utf8.contains($0) }) else {
            throw MailMessageError("the message id holds what cannot stand in one")
        }
        writer.unstructured("Message-ID", "<\(messageID)>")
        writer.unstructured("MIME-Version", "1.0")
        try writer.addresses("From", [from])
        try writer.addresses("To", to)
        try writer.text("Subject", subject)
        if let html {
            // "=_" cannot come up in quoted-printable text (RFC 2045 §6.7).
            let boundary = "=_\(Self.hexadecimal())\(Self.hexadecimal())"
            writer.unstructured("Content-Type", "multipart/alternative;\r\n boundary=\"\(boundary)\"")
            for (type, content) in [("plain", plain), ("html", html)] {
                writer.bytes += "\r\n--\(boundary)\r\n".utf8
                writer.part("text/\(type)", content)
            }
            writer.bytes += "\r\n--\(boundary)--\r\n".utf8
        } else {
            writer.part("text/plain", plain)
            if !writer.bytes.suffix(2).elementsEqual([ASCII.cr, ASCII.lf]) { writer.bytes += "\r\n".utf8 }
        }
        return writer.bytes
    }

    /// `Fri, 20 Nov 2026 16:12:11 +0000` (RFC 5322 §3.3).
    public static func dateText(_ date: WallTime) -> String {
        // 2026-11-20T16:12:11.000Z
        let parts = date.rfc3339.split { "-T.".contains($0) }
        let seconds = date.nanoseconds / 1_000_000_000 - (date.nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int((days % 7 + 7) % 7)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = months[(Int(parts[1]) ?? 1) - 1]
        return "\(weekday), \(Int(parts[2]) ?? 1) \(month) \(parts[0]) \(parts[3]) +0000"
    }
}

/// What keeps a message from being written, in words for whoever wrote it.
public struct MailMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

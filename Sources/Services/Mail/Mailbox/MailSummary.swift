internal import MartletWire

/// A mail as the list shows it.
struct MailSummary: Message, Hashable {
    static let messageName = "MailSummary"

    /// Grows with every mail.
    var id: Int64 = 0
    /// Without its angle brackets; empty when there is none.
    var messageID = ""
    /// From whom it says that it is.
    var from = ""
    /// From whom it came by its envelope; empty for a bounce.
    var sender = ""
    /// To whom it came by its envelope.
    var to: [String] = []
    var subject = ""
    /// Of the source, in bytes.
    var size: Int64 = 0
    var createdAt = Timestamp()
    /// `kept`, `queued`, `sent`, `dead`.
    var state = ""
    /// How often a mail server was asked to take it.
    var attempts: Int64 = 0
    var nextTry: Timestamp?
    var lastError: String?

    init() {}

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "message_id", &messageID)
        visit.field(3, "from", &from)
        visit.field(4, "sender", &sender)
        visit.field(5, "to", &to)
        visit.field(6, "subject", &subject)
        visit.field(7, "size", &size)
        visit.field(8, "created_at", &createdAt)
        visit.field(9, "state", &state)
        visit.field(10, "attempts", &attempts)
        visit.field(11, "next_try", &nextTry, .omitEmpty)
        visit.field(12, "last_error", &lastError, .omitEmpty)
    }
}

/// Some mails, newest first, and where the next ones begin.
struct MailPage: Message, Hashable {
    static let messageName = "MailPage"

    var messages: [MailSummary] = []
    /// To be given as `cursor` for the mails that follow; left out on the last page.
    var next: String?

    init() {}

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "messages", &messages)
        visit.field(2, "next", &next, .omitEmpty)
    }
}

/// A mail as it was read.
struct MailDetail: Message, Hashable {
    static let messageName = "MailDetail"

    var summary = MailSummary()
    var fields: [ReadMail.Field] = []
    var hasPlain = false
    var hasHTML = false
    var attachments: [ReadMail.Attachment] = []
    /// Parts were left out because there are too many, or they lie too deep.
    var isCut = false

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        summary.visitFields(&visit)
        visit.field(20, "headers", &fields)
        visit.field(21, "plain", &hasPlain)
        visit.field(22, "html", &hasHTML)
        visit.field(23, "attachments", &attachments)
        visit.field(24, "cut", &isCut, .omitEmpty)
    }
}

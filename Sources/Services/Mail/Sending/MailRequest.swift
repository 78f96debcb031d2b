// The mail service: takes mail by HTTP and SMTP, writes it with templates, and keeps it in a mailbox or hands it to a
// mail server. Who is to be written to, and when, is for its callers.

internal import MartletWire

/// A mail to be sent: `{"from","to","subject","message"}` (contracts, course A.6), and with which template.
struct MailRequest: Message, Hashable {
    static let messageName = "mailMessage"

    /// Empty: the service's own address.
    var from = ""
    var to = ""
    var subject = ""
    var message = ""
    /// Empty: `message`.
    var template = ""
    /// Values of the template's placeholders; `message` is one without being in here.
    var data: [String: String] = [:]

    init() {}

    init(from: String = "", to: String, subject: String, message: String) {
        self.from = from
        self.to = to
        self.subject = subject
        self.message = message
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "from", &from)
        visit.field(2, "to", &to)
        visit.field(3, "subject", &subject)
        visit.field(4, "message", &message)
        visit.field(5, "template", &template, .omitEmpty)
        visit.field(6, "data", &data, .omitEmpty)
    }
}

/// A mail that is safe on disk.
struct AcceptedMail: Message, Hashable {
    static let messageName = "AcceptedMail"

    /// In the mailbox.
    var id: Int64 = 0
    /// As it was asked for.
    var to = ""

    init() {}

    init(id: Int64, to: String) {
        self.id = id
        self.to = to
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "to", &to)
    }
}

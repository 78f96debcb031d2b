internal import MartletCore
internal import MartletWire

/// What the mail service is asked to send to a user who has signed out: `mail.send` with the template of that name.
struct SignedOutMail: Message {
    static let messageName = "mailMessage"

    /// Empty: the mail service's own address.
    var from = ""
    var to = ""
    var subject = "You signed out"
    var template = "signed-out"
    /// `name` and `time`, for the template's placeholders.
    var data: [String: String] = [:]

    init() {}

    /// - Parameter name: what to call the user; without one, by the address.
    init(to address: String, name: String, at time: WallTime) {
        to = address
        // To the minute: 2026-11-20 13:19 UTC.
        let text = time.rfc3339
        data = [
            "name": name.isEmpty ? address : name, "time": "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC",
        ]
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "from", &from)
        visit.field(2, "to", &to)
        visit.field(3, "subject", &subject)
        visit.field(5, "template", &template)
        visit.field(6, "data", &data)
    }
}

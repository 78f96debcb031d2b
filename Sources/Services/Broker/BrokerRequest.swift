// The broker: the one door to the services behind it. It reads what is asked for, passes it on to the service that can
// do it, and hands back that service's answer. It keeps nothing.

internal import MartletWire

/// What the page sends to `/handle`: an action, and what the action needs (contracts, course A.3).
struct BrokerRequest: Message {
    static let messageName = "RequestPayload"

    var action = ""
    var auth = Credentials()
    var log = LogPayload()
    var mail = MailPayload()
    /// How the entry of `log` travels: `http` or `bus`; empty for what the broker is set to. Not of the original.
    var transport = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "action", &action)
        visit.field(2, "auth", &auth)
        visit.field(3, "log", &log)
        visit.field(4, "mail", &mail)
        visit.field(5, "transport", &transport)
    }
}

/// A body for a service that is asked for nothing but its path.
struct Nothing: Message {
    static let messageName = "Nothing"

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}

struct Credentials: Message {
    static let messageName = "AuthPayload"

    var email = ""
    var password = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "email", &email)
        visit.field(2, "password", &password)
    }
}

struct LogPayload: Message {
    static let messageName = "LogPayload"

    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

struct MailPayload: Message {
    static let messageName = "MailPayload"

    var from = ""
    var to = ""
    var subject = ""
    var message = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "from", &from)
        visit.field(2, "to", &to)
        visit.field(3, "subject", &subject)
        visit.field(4, "message", &message)
    }
}

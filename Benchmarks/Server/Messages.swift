import MartletWire

/// What is posted to `/log`, as to the logger.
struct LogEntry: Message {
    static let messageName = "logs.Log"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

/// The answer of the original services (contracts, course A.2), as far as `/log` fills it in.
struct Reply: Message {
    static let messageName = "jsonResponse"
    var error = false
    var message = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "error", &error)
        visit.field(2, "message", &message)
    }
}

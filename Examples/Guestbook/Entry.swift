import MartletWire

/// An entry of the book, as it is given and as it is given back.
struct Entry: Message, Equatable {
    static let messageName = "Entry"
    var name = ""
    var text = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "text", &text)
    }
}

/// Some entries, the newest first.
struct EntryList: Message {
    static let messageName = "EntryList"
    var entries: [Entry] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "entries", &entries)
    }
}

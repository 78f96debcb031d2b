// The logger: keeps log entries and gives them back, newest first. What an entry means, and who may write one, is for
// its callers.

public import MartletWire

/// What is logged: `{"name","data"}` (contracts, course A.5).
public struct LogEntry: Message, Hashable {
    public static let messageName = "JSONPayload"

    public var name = ""
    public var data = ""

    public init() {}

    public init(name: String, data: String) {
        self.name = name
        self.data = data
    }

    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

/// An entry as it was kept.
public struct StoredEntry: Message, Hashable {
    public static let messageName = "LogEntry"

    /// Grows with every entry, and is never given to another, even when this one is forgotten.
    public var id: Int64 = 0
    public var name = ""
    public var data = ""
    public var createdAt = Timestamp()
    public var updatedAt = Timestamp()

    public init() {}

    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "id", &id)
        visit.field(2, "name", &name)
        visit.field(3, "data", &data)
        visit.field(4, "created_at", &createdAt)
        visit.field(5, "updated_at", &updatedAt)
    }
}

/// Some entries, newest first, and where the next ones begin.
public struct LogPage: Message, Hashable {
    public static let messageName = "LogPage"

    public var entries: [StoredEntry] = []
    /// To be given as `cursor` for the entries that follow; left out on the last page.
    public var next: String?

    public init() {}

    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "entries", &entries)
        visit.field(2, "next", &next, .omitEmpty)
    }
}

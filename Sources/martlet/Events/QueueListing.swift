internal import MartletMessaging
internal import MartletWire

/// `martlet events list --json`.
struct QueueListing: Message {
    static let messageName = "QueueListing"
    var queues: [Row] = []

    init() {}
    init(_ queues: [QueueStatus]) { self.queues = queues.map(Row.init) }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "queues", &queues)
    }

    struct Row: Message {
        static let messageName = "Queue"
        var name = ""
        /// `shared`, `exclusive`.
        var kind = ""
        /// Those included that are delivered and not settled.
        var messages = 0
        var bytes = 0
        var unsettled = 0
        var deadLetters = 0
        var consumers = 0

        init() {}

        init(_ queue: QueueStatus) {
            name = queue.name
            kind = "\(queue.kind)"
            messages = queue.messages
            bytes = queue.bytes
            unsettled = queue.unsettled
            deadLetters = queue.deadLetters
            consumers = queue.consumers
        }

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "name", &name)
            visit.field(2, "kind", &kind)
            visit.field(3, "messages", &messages)
            visit.field(4, "bytes", &bytes)
            visit.field(5, "unsettled", &unsettled)
            visit.field(6, "dead_letters", &deadLetters)
            visit.field(7, "consumers", &consumers)
        }
    }
}

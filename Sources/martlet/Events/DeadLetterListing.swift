internal import MartletCore
internal import MartletMessaging
internal import MartletWire

/// `martlet events dead --json`.
struct DeadLetterListing: Message {
    static let messageName = "DeadLetterListing"
    var deadLetters: [Row] = []

    init() {}
    init(_ letters: [DeadLetter]) { deadLetters = letters.map(Row.init) }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "dead_letters", &deadLetters)
    }

    struct Row: Message {
        static let messageName = "DeadLetter"
        var number: Int64 = 0
        var queue = ""
        var routingKey = ""
        var messageID = ""
        var contentType = ""
        var headers: [String: String] = [:]
        var attempts = 0
        var reason = ""
        var publishedAt = Timestamp()
        var diedAt = Timestamp()
        /// The body, when it is UTF-8; else it is in `bytes`, as Base64.
        var text: String?
        var bytes: [UInt8] = []

        init() {}

        init(_ letter: DeadLetter) {
            number = letter.number
            queue = letter.queue
            routingKey = letter.message.routingKey
            messageID = letter.message.id
            contentType = letter.message.contentType
            for field in letter.message.headers.fields { headers[field.name] = field.value }
            attempts = letter.attempts
            reason = letter.reason
            publishedAt = Timestamp(letter.publishedAt)
            diedAt = Timestamp(letter.diedAt)
            text = String(validating: letter.message.body, as: UTF8.self)
            if text == nil { bytes = letter.message.body }
        }

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "number", &number)
            visit.field(2, "queue", &queue)
            visit.field(3, "routing_key", &routingKey)
            visit.field(4, "message_id", &messageID)
            visit.field(5, "content_type", &contentType)
            visit.field(6, "headers", &headers)
            visit.field(7, "attempts", &attempts)
            visit.field(8, "reason", &reason)
            visit.field(9, "published_at", &publishedAt)
            visit.field(10, "died_at", &diedAt)
            visit.field(11, "text", &text, .omitEmpty)
            visit.field(12, "bytes", &bytes, .omitEmpty)
        }
    }
}

extension Timestamp {
    fileprivate init(_ time: WallTime) {
        self.init(
            seconds: time.nanoseconds / 1_000_000_000, nanoseconds: Int32(time.nanoseconds % 1_000_000_000))
    }
}

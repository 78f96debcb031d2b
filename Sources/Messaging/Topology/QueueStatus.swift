public import MartletCore

/// What is in a queue now.
public struct QueueStatus: Sendable, Hashable {
    public var name: String
    public var kind: Queue.Kind
    /// Messages that wait, those included that are delivered and not settled.
    public var messages: Int
    public var bytes: Int
    /// Of ``messages``: delivered and not settled.
    public var unsettled: Int
    public var deadLetters: Int
    public var consumers: Int

    public init(
        name: String, kind: Queue.Kind, messages: Int, bytes: Int, unsettled: Int, deadLetters: Int, consumers: Int
    ) {
        self.name = name
        self.kind = kind
        self.messages = messages
        self.bytes = bytes
        self.unsettled = unsettled
        self.deadLetters = deadLetters
        self.consumers = consumers
    }
}

/// A message that its queue has given up on, and why.
public struct DeadLetter: Sendable, Hashable {
    /// Greater for those that came later.
    public var number: Int64
    public var queue: String
    public var message: BusMessage
    /// Deliveries that were counted.
    public var attempts: Int
    /// What the last consumer said, or the bus: for an operator to read.
    public var reason: String
    public var publishedAt: WallTime
    public var diedAt: WallTime

    public init(
        number: Int64, queue: String, message: BusMessage, attempts: Int, reason: String, publishedAt: WallTime,
        diedAt: WallTime
    ) {
        self.number = number
        self.queue = queue
        self.message = message
        self.attempts = attempts
        self.reason = reason
        self.publishedAt = publishedAt
        self.diedAt = diedAt
    }
}

/// Which dead letters are meant.
public enum DeadLetterSelection: Sendable, Hashable {
    /// Those with these numbers; one that is not there is left out. At most 1000.
    case numbers([Int64])
    case queue(String)
    case all
}

public import MartletCore

/// A queue as its users want it. Publishers may declare it too: from then on no message that it is bound to is lost,
/// whether or not a consumer has ever run.
public struct Queue: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        /// Durable, and shared by all who consume from it: each message goes to one of them.
        case shared = 0
        /// One consumer's own, and gone with it. Its messages need not survive the bus.
        case exclusive = 1
    }

    public var name: String
    public var kind: Kind
    public var bindings: [Binding]
    /// Deliveries of one message that may fail before it is given up on, and becomes a dead letter.
    public var maximumAttempts: Int
    public var limits: Limits

    /// What may wait in the queue. One message more, and publishing it is an error (`resourceExhausted`): nothing is
    /// dropped silently.
    public struct Limits: Sendable, Hashable {
        public var messages: Int
        /// Of bodies, headers and what the bus says of a message itself.
        public var bytes: Int

        public init(messages: Int = 10_000_000, bytes: Int = 4 << 30) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    public init(
        _ name: String, kind: Kind = .shared, bindings: [Binding], maximumAttempts: Int = 10, limits: Limits = Limits()
    ) {
        self.name = name
        self.kind = kind
        self.bindings = bindings
        self.maximumAttempts = maximumAttempts
        self.limits = limits
    }

    /// A queue for one consumer, under a name that nobody else has.
    public static func exclusive(
        _ prefix: String, bindings: [Binding], maximumAttempts: Int = 10, limits: Limits = Limits(messages: 100_000)
    ) -> Queue {
        Queue(
            "\(prefix)-\(BusMessage.newID())", kind: .exclusive, bindings: bindings, maximumAttempts: maximumAttempts,
            limits: limits)
    }

    /// - Throws: `invalidArgument` with what is wrong.
    public func check() throws(ServiceError) {
        try BusName.check(name, "a queue's name")
        guard (1...1000).contains(maximumAttempts) else {
            throw ServiceError(.invalidArgument, "a queue tries a message 1 to 1000 times")
        }
        guard limits.messages > 0, limits.bytes > 0 else {
            throw ServiceError(.invalidArgument, "a queue's limits must be above 0")
        }
        guard bindings.count <= 1000 else {
            throw ServiceError(.invalidArgument, "a queue has at most 1000 bindings")
        }
        for binding in bindings { try binding.check() }
    }
}

/// A queue takes from `exchange` what matches `pattern`.
public struct Binding: Sendable, Hashable {
    public var exchange: String
    /// See ``TopicPattern``.
    public var pattern: String

    public init(_ pattern: String, of exchange: String) {
        self.exchange = exchange
        self.pattern = pattern
    }

    public func check() throws(ServiceError) {
        try BusName.check(exchange, "an exchange's name")
        _ = try TopicPattern(pattern)
    }
}

/// What publishers and consumers expect to be there. Exchanges are topic exchanges and durable; those that bindings
/// name are made as well.
public struct BusTopology: Sendable, Hashable {
    public var exchanges: [String]
    public var queues: [Queue]

    public init(exchanges: [String] = [], queues: [Queue] = []) {
        self.exchanges = exchanges
        self.queues = queues
    }

    public func check() throws(ServiceError) {
        for exchange in exchanges { try BusName.check(exchange, "an exchange's name") }
        for queue in queues {
            try queue.check()
            guard queue.kind == .shared else {
                throw ServiceError(.invalidArgument, "an exclusive queue is declared by whoever consumes from it")
            }
        }
    }
}

/// Names of exchanges and queues.
public enum BusName {
    /// 1 to 127 bytes of letters, digits, `.`, `-` and `_`: what AMQP, NATS and a metric's label all take.
    public static func check(_ name: String, _ what: String) throws(ServiceError) {
        let isValid =
            (1...127).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard isValid else {
            throw ServiceError(.invalidArgument, "\(what) is 1 to 127 letters, digits, '.', '-' and '_'")
        }
    }
}

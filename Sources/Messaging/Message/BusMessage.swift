public import MartletCore
public import MartletWire

/// A message as it travels: what is said of it, and a body that the bus does not look into.
public struct BusMessage: Sendable, Hashable {
    /// Tells a repeated publish from a new message. Up to 255 bytes of printable ASCII; new for each message unless the
    /// publisher has something that is equal for all repeats of what it does.
    public var id: String
    /// Words of letters, digits, `-` and `_` with dots between: `log.INFO`. Up to 255 bytes.
    public var routingKey: String
    /// `application/json`, `text/plain`; empty when nothing is said.
    public var contentType: String
    public var headers: MessageHeaders
    public var body: [UInt8]

    /// - Parameter context: whose trace goes along in the headers. By default the caller's.
    public init(
        id: String = BusMessage.newID(), routingKey: String, contentType: String = "", headers: MessageHeaders = [:],
        body: [UInt8], context: CallContext? = .current
    ) {
        self.id = id
        self.routingKey = routingKey
        self.contentType = contentType
        self.headers = headers
        self.body = body
        if let context { self.headers.trace = context.trace }
    }

    /// A message with a JSON body.
    public init<Value: Message>(
        id: String = BusMessage.newID(), routingKey: String, json value: Value, context: CallContext? = .current
    ) {
        self.init(
            id: id, routingKey: routingKey, contentType: "application/json", body: JSON.encode(value), context: context)
    }

    /// When the message is of no more use to anybody: it is given up on instead of handled. Nil, the default, means
    /// never.
    ///
    /// Not taken from the publisher's own deadline: that says how long somebody waits for an answer, and an event has to
    /// be handled when nobody does.
    public var deadline: WallTime? {
        get { headers.deadline }
        set { headers.deadline = newValue }
    }

    /// 32 hexadecimal digits that begin with the time in milliseconds, as a UUID of version 7 does: ids that are made
    /// one after the other stand beside each other in an index.
    public static func newID() -> String {
        let time = UInt64(bitPattern: WallTime.now.nanoseconds / 1_000_000)
        let high = time << 16 | FastRandom.next() >> 48
        return String(unsafeUninitializedCapacity: 32) { digits in
            write(high, to: digits, at: 0)
            write(FastRandom.next(), to: digits, at: 16)
            return 32
        }
    }

    private static func write(_ value: UInt64, to digits: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        for index in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            digits[offset + index] = nibble < 10 ? nibble + 0x30 : nibble + 0x57
        }
    }
}

extension BusMessage {
    /// What no bus takes: drivers call this before they send anything.
    /// - Throws: `invalidArgument` with what is wrong.
    public func check() throws(ServiceError) {
        guard (1...255).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ServiceError(.invalidArgument, "a message id is 1 to 255 bytes of printable ASCII without blanks")
        }
        guard TopicPattern.isRoutingKey(routingKey) else {
            throw ServiceError(
                .invalidArgument,
                "a routing key is words of letters, digits, '-' and '_' with dots between, up to 255 bytes")
        }
        guard contentType.utf8.count <= 255, contentType.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw ServiceError(.invalidArgument, "a content type is up to 255 bytes of printable ASCII")
        }
        try headers.check()
    }
}

public import MartletCore
public import MartletWire

/// What handles deliveries: an endpoint like any other, so that every ``Middleware`` works on it. Returning means done.
/// What a failure means for the message is said at ``Subscription``.
public typealias MessageHandler = Endpoint<Delivery, Void>

extension Exchange where Request == Delivery, Response == Void {
    /// How middleware reads a delivery: the publisher's trace, the message's deadline, its id as idempotency key.
    public static var bus: Self {
        Exchange(transport: "bus", inbound: { InboundContext(from: $0.message) }, outcome: { _ in .ok })
    }
}

extension Endpoint where Request == Delivery, Response == Void {
    /// A handler under the name that spans, metrics and logs show: `log.INFO`.
    public init(message name: String, _ body: @escaping @Sendable (Delivery) async throws -> Void) {
        self.init(name, exchange: .bus, body)
    }
}

extension Endpoint where Request: Message {
    /// The endpoint as a handler of messages with a JSON body; its response is not looked at. A body that cannot be read
    /// is `invalidArgument`, and so becomes a dead letter at once.
    @inlinable
    public func fromMessages() -> MessageHandler {
        MessageHandler(message: name) { delivery in
            _ = try await self(try delivery.message.json(Request.self))
        }
    }
}

extension BusMessage {
    /// The body as one JSON value.
    /// - Throws: `invalidArgument` with the reader's text.
    @inlinable
    public func json<Value: Message>(_ type: Value.Type = Value.self) throws -> Value {
        do throws(JSONError) {
            return try JSON.decode(Value.self, from: body)
        } catch {
            throw ServiceError(.invalidArgument, error.message)
        }
    }
}

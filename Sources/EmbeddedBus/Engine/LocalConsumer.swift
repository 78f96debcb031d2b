internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// A consumer in the process that owns the bus.
final class LocalConsumer: MessageConsumer, ConsumerSink, DeliverySettler, @unchecked Sendable {
    // @unchecked: `id` is set and read on the engine's loop alone.

    var id: UInt64 = 0
    private let engine: BusEngine
    private let group: EventLoopGroup
    private let inbox: ConsumerInbox
    private let marks: HandoverMarks?

    /// On the engine's loop.
    init(engine: BusEngine, group: EventLoopGroup, queue: String) {
        self.engine = engine
        self.group = group
        inbox = ConsumerInbox(queue: queue)
        marks = engine.journal?.marks
    }

    func next() async throws -> Delivery? { try await inbox.next() }

    func settle(_ tag: UInt64, _ settlement: Settlement) {
        marks?.end(tag)
        engine.loop.execute { [self] in engine.settle(consumer: id, tag: tag, settlement) }
    }

    func stop() {
        inbox.stop()
        engine.loop.execute { [self] in
            engine.stopConsumer(id)
            release(inbox.takeAll())
        }
    }

    func close() async {
        stop()
        // By the group's own task, which goes on if the caller is cancelled.
        _ = try? await group.run { [self] _ in await engine.endConsumer(id) }
    }

    // MARK: The engine's side

    var isReady: Bool { true }
    var marksDeliveries: Bool { true }

    func deliver(_ deliveries: [OutgoingDelivery]) {
        release(
            inbox.put(
                deliveries.map {
                    ConsumerInbox.Incoming(tag: $0.tag, message: $0.message, settler: self, marks: marks)
                }))
    }

    private func release(_ deliveries: [ConsumerInbox.Incoming]) {
        for delivery in deliveries { engine.settle(consumer: id, tag: delivery.tag, .release) }
    }

    func end(_ reason: ServiceError) { inbox.fail(reason) }
}

internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// A consumer of a bus that is in another process. It outlives connections.
final class ClientConsumer: MessageConsumer, @unchecked Sendable {
    // @unchecked: `number`, `isOpen` and `settler` are touched on the client's loop alone.

    let queue: Queue
    let prefetch: UInt32
    var number: UInt32 = 0
    /// The bus has said yes to it once.
    var isOpen = false
    private let client: BusClient
    private let inbox: ConsumerInbox
    private var settler: Settler?

    init(client: BusClient, queue: Queue, prefetch: UInt32) {
        self.client = client
        self.queue = queue
        self.prefetch = prefetch
        inbox = ConsumerInbox(queue: queue.name)
    }

    func next() async throws -> Delivery? { try await inbox.next() }

    func stop() {
        inbox.stop()
        client.loop.execute { [self] in
            client.send(.stop(consumer: number))
            release(inbox.takeAll())
        }
    }

    func close() async {
        stop()
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isTaken = client.loop.execute { [self] in
                client.end(self) { continuation.resume() }
            }
            if !isTaken { continuation.resume() }
        }
    }

    // MARK: The client's side

    func deliver(_ tag: UInt64, _ message: StoredMessage) {
        let settler = settlerOfConnection()
        let delivery = ConsumerInbox.Incoming(tag: tag, message: message, settler: settler, marks: settler.marks)
        release(inbox.put([delivery]))
    }

    private func release(_ deliveries: [ConsumerInbox.Incoming]) {
        for delivery in deliveries { delivery.settler.settle(delivery.tag, .release) }
    }

    /// What waits here is delivered again by the next connection.
    func connectionLost() {
        settler = nil
        _ = inbox.takeAll()
    }

    func fail(_ error: ServiceError) { inbox.fail(error) }

    private func settlerOfConnection() -> Settler {
        if let settler { return settler }
        let new = Settler(client: client, consumer: number)
        settler = new
        return new
    }

    /// Settles by the connection that the delivery came by, and by no later one: there the tag means another message, or
    /// none.
    private final class Settler: DeliverySettler {
        private let client: BusClient
        private let consumer: UInt32
        private let epoch: Int
        /// Of the owner on the other side, and not of one that comes after it.
        let marks: HandoverMarks?

        init(client: BusClient, consumer: UInt32) {
            self.client = client
            self.consumer = consumer
            epoch = client.epoch
            marks = client.marks
        }

        func settle(_ tag: UInt64, _ settlement: Settlement) {
            marks?.end(tag)
            client.loop.execute { [self] in
                guard client.isConnected(in: epoch) else { return }
                client.send(
                    .settle(consumer: consumer, tag: tag, settlement: ClientFrame.WireSettlement(settlement)))
            }
        }
    }
}

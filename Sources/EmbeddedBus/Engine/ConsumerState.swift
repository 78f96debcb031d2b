internal import MartletCore
internal import MartletMessaging

/// Who consumes: a consumer of this process, or one behind a socket. Called on the engine's loop.
protocol ConsumerSink: AnyObject {
    /// Whether it marks what it has begun to handle in the owner's ``HandoverJournal``.
    var marksDeliveries: Bool { get }
    /// Whether it takes more now. One that holds nothing unsettled is not asked: nothing would bring it back.
    var isReady: Bool { get }
    func deliver(_ deliveries: [OutgoingDelivery])
    /// Nothing comes any more.
    func end(_ reason: ServiceError)
}

/// A delivery on its way to a consumer.
struct OutgoingDelivery: Sendable {
    var tag: UInt64
    var message: StoredMessage
}

/// One consumer, as the engine knows it. Confined to the engine's loop.
final class ConsumerState {
    let id: UInt64
    let queue: QueueState
    let prefetch: Int
    let sink: any ConsumerSink
    var isStopped = false

    private(set) var unsettled: [UInt64: StoredMessage] = [:]
    private var unsettledBytes = 0
    /// What the engine's turn has given it, and goes out at the turn's end.
    var outgoing: [OutgoingDelivery] = []

    /// Of messages that were delivered and not settled, whatever the prefetch.
    private static let byteLimit = 16 << 20

    init(id: UInt64, queue: QueueState, prefetch: Int, sink: any ConsumerSink) {
        self.id = id
        self.queue = queue
        self.prefetch = prefetch
        self.sink = sink
    }

    var hasCredit: Bool {
        !isStopped
            && (unsettled.isEmpty || unsettled.count < prefetch && unsettledBytes < Self.byteLimit && sink.isReady)
    }

    func give(_ message: StoredMessage, tag: UInt64) {
        unsettled[tag] = message
        unsettledBytes += message.data.count
        outgoing.append(OutgoingDelivery(tag: tag, message: message))
    }

    func settle(_ tag: UInt64) -> StoredMessage? {
        guard let message = unsettled.removeValue(forKey: tag) else { return nil }
        unsettledBytes -= message.data.count
        return message
    }

    /// In the order of delivery.
    func settleAll() -> [(tag: UInt64, message: StoredMessage)] {
        let held = unsettled.sorted { $0.key < $1.key }.map { (tag: $0.key, message: $0.value) }
        unsettled = [:]
        unsettledBytes = 0
        return held
    }
}

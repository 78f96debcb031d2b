public import MartletCore

/// A message in a consumer's hands, which it settles once: acknowledged, to be tried again, rejected, or given back.
///
/// Settling hands the decision to the bus and does not wait: one that is lost with the connection means that the message
/// comes again. What is never settled goes back when the consumer does. A second settlement has no effect.
public struct Delivery: Sendable {
    public let message: BusMessage
    public let queue: String
    /// 1 for the first. Counts deliveries that failed, and those that were being handled when their consumer, or the
    /// process that keeps the bus, went away. A driver that cannot tell those counts all that were not settled.
    public let attempt: Int
    public let publishedAt: WallTime

    private let tag: UInt64
    private let settler: any DeliverySettler

    /// For drivers.
    public init(
        message: BusMessage, queue: String, attempt: Int, publishedAt: WallTime, tag: UInt64,
        settler: any DeliverySettler
    ) {
        self.message = message
        self.queue = queue
        self.attempt = attempt
        self.publishedAt = publishedAt
        self.tag = tag
        self.settler = settler
    }

    /// Done: the queue forgets the message.
    public func acknowledge() { settler.settle(tag, .acknowledge) }

    /// Failed: the message comes again after `delay` (to the millisecond, at most a day), or becomes a dead letter when
    /// this was its queue's last attempt.
    public func retry(after delay: Duration = .zero, reason: String) {
        settler.settle(tag, .retry(delay: delay, reason: reason))
    }

    /// Will never succeed: the message becomes a dead letter at once.
    public func reject(reason: String) { settler.settle(tag, .reject(reason: reason)) }

    /// Not tried: the message goes back to the front of its queue, and the attempt is not counted.
    public func release() { settler.settle(tag, .release) }
}

/// What becomes of a delivery.
public enum Settlement: Sendable, Hashable {
    case acknowledge
    case retry(delay: Duration, reason: String)
    case reject(reason: String)
    case release
}

/// A driver's side of a ``Delivery``.
public protocol DeliverySettler: Sendable {
    /// From any thread. A tag that is not known, or was settled before, is passed over.
    func settle(_ tag: UInt64, _ settlement: Settlement)
}

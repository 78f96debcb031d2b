internal import MartletCore
internal import MartletMessaging

/// A publish that was accepted and is not yet on disk.
struct PublishRequest {
    /// Called once, on the engine's loop; nil for success.
    typealias Completion = @Sendable (ServiceError?) -> Void

    var exchange: String
    var key: String
    var identity: PublishID
    /// The message, encoded.
    var data: [UInt8]
    var isMandatory: Bool
    var deadline: MonotonicTime
}

/// A settled message whose fate is not yet on disk.
struct Settled {
    enum Fate {
        case acknowledged
        case delayed(due: Int64)
        case dead(reason: String)
    }

    var queue: QueueState
    var message: StoredMessage
    /// Of the message's data, which is not kept for an acknowledged one.
    var size: Int
    var fate: Fate
}

/// A dead letter that goes back into its queue.
struct Revival {
    var number: Int64
    var queue: QueueState
    var data: [UInt8]
    var at: Int64
}

/// What a bus has done since it was opened.
public struct BusStatistics: Sendable, Hashable {
    /// Messages that were stored, once for each queue.
    public var stored = 0
    public var repeatedPublishes = 0
    public var delivered = 0
    public var acknowledged = 0
    public var retried = 0
    public var died = 0
    /// Messages that an exclusive queue had no room for.
    public var droppedForExclusiveQueues = 0
    public var commits = 0
}

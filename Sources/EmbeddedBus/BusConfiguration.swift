/// The limits of an embedded bus. The defaults suit a system on one machine.
public struct BusConfiguration: Sendable {
    /// Of one message, with its headers.
    public var messageByteLimit = 1 << 20
    /// Publishes that may wait for the disk at once; one more is refused with `unavailable`.
    public var publishLimit = 16_384
    public var publishByteLimit = 64 << 20
    public var queueCountLimit = 1000
    public var connectionLimit = 1000

    /// A publish whose id is among the newest of this many, or of twice as many, is known for a repeat …
    // With a batch beyond it, what fits into a set of 131,072 places of 16 bytes: 4 MB in all.
    public var repeatWindow = 95_000
    /// … for this long, or twice as long, when fewer come.
    public var repeatTime: Duration = .seconds(600)

    /// Dead letters that are older, more or larger in all go, the oldest first.
    public var deadLetterAge: Duration = .seconds(30 * 86_400)
    public var deadLetterCount = 100_000
    public var deadLetterBytes = 1 << 30

    /// The largest the store's file may grow, in bytes; nil leaves it to the disk.
    public var fileByteLimit: Int?

    /// How long an acknowledgement may wait for a publish to share its fsync with.
    public var settlementDelay: Duration = .milliseconds(10)
    /// A client from whom nothing came for this long is gone, and what it held is delivered to others.
    public var silenceLimit: Duration = .seconds(30)

    public init() {}
}

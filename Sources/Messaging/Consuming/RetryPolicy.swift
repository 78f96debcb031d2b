internal import MartletCore

/// How long a message that failed waits for its next attempt: twice as long each time up to a limit, and some of that by
/// chance, so that messages which failed together do not come back together.
public struct RetryPolicy: Sendable, Hashable {
    /// Before the second attempt.
    public var initial: Duration
    public var maximum: Duration

    public init(initial: Duration = .milliseconds(500), maximum: Duration = .seconds(60)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The delay after this attempt (1 is the first): between half of the nominal time and all of it.
    public func delay(after attempt: Int) -> Duration {
        delay(after: attempt, chance: Double(FastRandom.next() >> 11) / Double(1 << 53))
    }

    /// - Parameter chance: from 0 up to 1.
    func delay(after attempt: Int, chance: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let nominal = min(initial * Double(1 << doublings), maximum)
        return nominal * (0.5 + chance / 2)
    }
}

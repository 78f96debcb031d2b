internal import MartletCore

/// Counts what a peer should do seldom. A bucket of tokens that fills with time, and may be given some for good conduct.
struct FrameBudget {
    private let burst: Int
    private let perSecond: Int
    private var tokens: Int
    private var filledAt: MonotonicTime

    init(_ budget: HTTP2Limits.Budget, now: MonotonicTime) {
        burst = max(budget.burst, 0)
        perSecond = max(budget.perSecond, 0)
        tokens = burst
        filledAt = now
    }

    /// False: there were too many.
    mutating func spend(at now: @autoclosure () -> MonotonicTime) -> Bool {
        if tokens > 0 {
            tokens &-= 1
            return true
        }
        let now = now()
        let elapsed = min(now.nanoseconds(since: filledAt), 3_600_000_000_000)
        let earned = elapsed / 1000 * UInt64(perSecond) / 1_000_000
        guard earned > 0 else { return false }
        filledAt = now
        tokens = min(burst, Int(clamping: earned)) - 1
        return tokens >= 0
    }

    mutating func earn(_ count: Int) {
        tokens = min(burst, tokens &+ count)
    }
}

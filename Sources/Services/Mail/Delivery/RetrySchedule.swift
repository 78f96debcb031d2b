internal import MartletCore

/// When a mail is tried again (RFC 5321 §4.5.4.1 asks for four to five days in all).
struct RetrySchedule: Sendable {
    var first: Duration = .seconds(1)
    /// Between two attempts, at most.
    var longest: Duration = .seconds(3600)
    var giveUpAfter: Duration

    /// - Parameters:
    ///   - attempts: that have failed so far.
    ///   - age: of the mail.
    /// - Returns: how long to wait, each time twice as long and a fifth more or less, so that mails which failed together
    ///   do not come back together; nil when it is enough.
    func wait(after attempts: Int, age: Duration) -> Duration? {
        guard age < giveUpAfter else { return nil }
        let doublings = min(max(attempts - 1, 0), 30)
        let base = min(first.wholeNanoseconds << doublings, longest.wholeNanoseconds)
        let fifth = base / 5
        return .nanoseconds(base - fifth + Int64(FastRandom.next() % UInt64(max(2 * fifth, 1))))
    }
}

internal import MartletCore

/// How long single jobs held a loop. Everything else on the loop waited that long.
public final class LoopMeter: Sendable {
    /// What counts as long, in nanoseconds: 20 ms.
    static let threshold: UInt64 = 20_000_000

    public struct Reading: Sendable {
        /// Jobs that held the loop for longer than 20 ms.
        public var slowJobs = 0
        /// The longest of them.
        public var longest = Duration.zero
        /// The latest, and what it was doing, where that is known.
        public var latest = Duration.zero
        public var latestActivity: String?
        /// The sum of all of them.
        public var total = Duration.zero
    }

    typealias Handler = @Sendable (EventLoop, Duration, String?) -> Void

    private let state = Locked(Reading())
    private let handler = Locked<Handler?>(nil)

    func setHandler(_ new: Handler?) { handler.withLock { $0 = new } }

    func record(_ time: Duration, by activity: String?, on loop: EventLoop) {
        state.withLock { reading in
            reading.slowJobs += 1
            reading.longest = max(reading.longest, time)
            reading.latest = time
            reading.latestActivity = activity
            reading.total += time
        }
        handler.withLock { $0 }?(loop, time, activity)
    }

    public var reading: Reading { state.withLock { $0 } }
}

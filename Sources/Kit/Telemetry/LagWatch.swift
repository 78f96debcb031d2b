public import MartletCore
public import MartletRuntime

/// Warns when a task holds an event loop too long (20 ms): everything else on that loop waited. The usual cause is work
/// that belongs into `offload`.
///
/// One for a process, as its services share the loops. It sleeps until a loop calls it.
public final class LagWatch: Sendable {
    private struct State {
        /// By loop: when the next warning may come, and how many were left out until then.
        var loops: [ObjectIdentifier: (next: MonotonicTime, left: Int)] = [:]
    }

    private let logger: Logger
    private let interval: Duration
    private let state = Locked(State())

    /// - Parameter interval: the shortest time between two warnings about one loop; the next one counts what it left out.
    public init(of group: EventLoopGroup, logger: Logger, atMostEvery interval: Duration = .seconds(10)) {
        self.logger = logger
        self.interval = interval
        for loop in group.loops {
            loop.onSlowJob { [weak self] loop, time, activity in self?.report(loop, time, activity) }
        }
    }

    private func report(_ loop: EventLoop, _ time: Duration, _ activity: String?) {
        let now = MonotonicTime.now
        let left: Int? = state.withLock { state in
            let known = state.loops[ObjectIdentifier(loop)] ?? (next: now, left: 0)
            guard now >= known.next else {
                state.loops[ObjectIdentifier(loop)] = (known.next, known.left + 1)
                return nil
            }
            state.loops[ObjectIdentifier(loop)] = (now + interval, 0)
            return known.left
        }
        guard let left else { return }
        logger.warning(
            "a task held an event loop; what computes long or blocks belongs into offload",
            metadata: [
                "loop": .string(loop.name), "milliseconds": .integer(time.wholeNanoseconds / 1_000_000),
                "operation": .string(activity ?? "unknown"), "unreported": .integer(Int64(left)),
            ])
    }
}

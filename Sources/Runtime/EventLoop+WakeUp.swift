internal import MartletCore

extension EventLoop {
    func wake() {
        if let sender = EventLoop.current, sender.isHoldingWakeUps {
            sender.heldWakeUps.append(wakeUp)
        } else {
            wakeUp.send()
        }
    }

    /// Calls `body`, and wakes the loops that it gave work to once it has returned.
    ///
    /// For a thread of a loop that answers many callers at a time: woken by the first answer, their loop would take the
    /// core from this thread before the second, or begin on another core and find one caller at each turn.
    public static func wakingAtEnd(_ body: () throws -> Void) rethrows {
        guard let loop = current, !loop.isHoldingWakeUps else { return try body() }
        loop.isHoldingWakeUps = true
        defer {
            loop.isHoldingWakeUps = false
            for wakeUp in loop.heldWakeUps { wakeUp.send() }
            loop.heldWakeUps.removeAll(keepingCapacity: true)
        }
        try body()
    }

    /// Blocks the loop until another thread has work for it, which then runs in the next turn, or the time is over. For
    /// a loop that has nothing else to do: a store's, which waits for more to write before it commits.
    /// - Returns: whether there is work.
    public func waitForWork(atMost time: Duration) -> Bool {
        assertCurrent()
        guard wakeUp.wait(nanoseconds: UInt64(max(0, time.wholeNanoseconds))) else { return false }
        takeForLater()
        return true
    }

    /// Leaves what has come to the next turn, so that ``waitForWork(atMost:)`` waits for what comes from now on.
    public func putOffWork() {
        assertCurrent()
        takeForLater()
    }
}

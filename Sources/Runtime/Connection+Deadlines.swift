internal import MartletCore

extension Connection {
    /// Sees that the timer goes off at `time`, or earlier: with several waiting, the earliest counts.
    func armTimer(for time: MonotonicTime) {
        guard time != .never else { return }
        let known = timer
        // The timer holds the connection only until it is cancelled, which `end` does.
        let timer = known ?? LoopTimer(on: loop) { [unowned self] in timePassed() }
        if known == nil { self.timer = timer }
        // What the timer was set for may no longer be waited for; the lone waiter of the usual case moves it later,
        // which costs a field.
        let isAlone = (reader == nil ? 0 : 1) + drainers.count + (connector == nil ? 0 : 1) == 1
        timer.schedule(at: isAlone ? time : min(time, nextDeadline))
    }

    /// The earliest time that anybody waits for.
    var nextDeadline: MonotonicTime {
        var next = MonotonicTime.never
        if reader != nil { next = min(readDeadline, readPatience) }
        if connector != nil { next = min(next, connectDeadline) }
        for drainer in drainers { next = min(next, drainer.deadline) }
        return next
    }

    private func timePassed() {
        let now = MonotonicTime.now
        let next = nextDeadline
        guard next <= now else {
            timer?.schedule(at: next)
            return
        }
        // It may be the loop that is late. One look at the socket shows what came in time.
        if overdue != next {
            overdue = next
            timer?.schedule(at: now + .nanoseconds(1))
            return
        }
        if reader != nil, readPatience <= now, readDeadline > now, drainers.allSatisfy({ $0.deadline > now }) {
            readerLostPatience = true
            wakeReader()
            timer?.schedule(at: nextDeadline)
        } else {
            end(.timedOut)
        }
    }
}

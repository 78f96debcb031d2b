internal import MartletCore

extension EventLoop {
    /// Something that can say what the running task is busy with, for naming whoever blocked the loop.
    public protocol Activity: AnyObject {
        var currentActivity: String { get }
    }

    /// From a task on the loop: `activity` tells what that task does when it holds the loop too long. Until
    /// ``forgetActivity(_:)`` with the token returned.
    public func describeCurrentTask(_ activity: any Activity) -> UInt {
        assertCurrent()
        taskActivities[runningJob] = activity
        return runningJob
    }

    public func forgetActivity(_ token: UInt) {
        assertCurrent()
        taskActivities[token] = nil
    }

    /// How long tasks have held this loop: for metrics. Safe from any thread.
    public var lag: LoopMeter.Reading { meter.reading }

    /// Calls `handler`, on the loop, after every job that held it for more than 20 ms, with how long that was and what it
    /// was doing, where that is known. Instead of the handler before; nil for none. From any thread.
    public func onSlowJob(_ handler: (@Sendable (_ loop: EventLoop, _ time: Duration, _ activity: String?) -> Void)?) {
        meter.setHandler(handler)
    }
}

/// The loop as the executor of the actors that live on it.
final class LoopSerialExecutor: SerialExecutor, @unchecked Sendable {
    // @unchecked: `loop` is set once, by the init of the loop that owns this and before its thread runs, and only read
    // from then on. `unsafe` saves a count for every job; the loop is there, because the loop owns this object, and an
    // actor that lives on a loop holds the loop.
    unowned(unsafe) var loop: EventLoop!

    func enqueue(_ job: consuming ExecutorJob) { loop.enqueueIsolated(job) }

    func checkIsolated() { loop.assertCurrent() }
}

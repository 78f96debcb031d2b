// Runtime: event loops, byte streams, timers, name resolution, blocking work, signals. The only room that talks to the
// kernel about sockets and threads. It knows no protocol: what the bytes mean is for the rooms above.
//
// The one idea: an event loop is a Swift executor. A connection's task runs on the thread where its bytes arrive, so
// that no request ever hops between an I/O thread and a pool. User code therefore runs on the loop too; what computes
// long or blocks goes to `offload`.

internal import CPosix
internal import CUV
internal import Glibc
public import MartletCore
internal import Synchronization

/// One thread, one libuv loop, and the Swift jobs that belong there.
///
/// A connection's task prefers it as its `TaskExecutor`; an actor may live on it too (a store with a thread of its own),
/// by ``asUnownedSerialExecutor()``. Nonisolated functions, child tasks, continuations and `Task.sleep` stay on or come back to
/// the loop; `Task {}` and `Task.detached` leave it.
///
/// Jobs run in batches, one before and one after each poll for I/O, so that a task which keeps yielding starves neither
/// sockets nor timers.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // @unchecked: what is not a `let` of Sendable type is touched on the loop's own thread only, but for `init` before that
    // runs and `deinit` after it has ended. `remote` and `meter` have their locks.

    public let name: String
    private let worksOffQueue: Bool

    /// Connections that live on this loop, for handing a new one to the least loaded.
    let connectionCount = Atomic<Int>(0)

    let uv: UnsafeMutablePointer<uv_loop_t>
    let wakeUp: LoopWakeUp
    private let prepareHandle: UnsafeMutablePointer<uv_prepare_t>
    private let checkHandle: UnsafeMutablePointer<uv_check_t>
    private let idleHandle: UnsafeMutablePointer<uv_idle_t>
    private let timerHandle: UnsafeMutablePointer<uv_timer_t>

    /// Where every socket of this loop is read into; a connection copies out what it got.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Where protected connections make what they send; empty between two of them.
    var records = ByteBuffer()

    private enum Work {
        case job(Job)
        case call(@Sendable () -> Void)
    }

    /// A job, and whether it belongs to an actor that lives on the loop. Told apart because a task's ordinary job that
    /// ran as isolated to a serial executor would be queued again at its next await, to leave that isolation.
    private struct Job {
        var job: UnownedJob
        var isIsolated: Bool
    }
    private struct Remote {
        var work: [Work] = []
        /// Who runs something here and would wait for ever if the loop ended.
        var holds = 0
        var isEnding = false
        var isStopped = false
    }
    private let remote = Locked(Remote())
    private var taken: [Work] = []
    /// Taken by ``waitForWork(atMost:)``, for the next turn.
    private var putOff: [Work] = []

    /// While ``wakingAtEnd(_:)`` runs: whom to wake then.
    var heldWakeUps: [LoopWakeUp] = []
    var isHoldingWakeUps = false

    private var jobs: [Job] = []
    private var batch: [Job] = []
    private var isIdling = false
    private var isStopping = false
    private var turnHooks: [@Sendable () -> Void] = []
    private var flushes: [Connection] = []
    private var flushing: [Connection] = []

    var timers = TimerHeap()
    private var armedAt = MonotonicTime.never

    let meter: LoopMeter
    private let serialExecutor = LoopSerialExecutor()
    var taskActivities: [UInt: any Activity] = [:]
    var runningJob: UInt = 0

    /// Makes the loop and starts its thread.
    /// - Parameters:
    ///   - name: of the thread, as `top -H` shows it; the first 15 bytes count.
    ///   - worksOffQueue: for a store: its thread does not take the core from those who fill its queue, so that it finds
    ///     more in it at a time.
    public init(name: String, worksOffQueue: Bool = false) {
        self.name = name
        self.worksOffQueue = worksOffQueue
        uv = .allocate(capacity: 1)
        prepareHandle = .allocate(capacity: 1)
        checkHandle = .allocate(capacity: 1)
        idleHandle = .allocate(capacity: 1)
        timerHandle = .allocate(capacity: 1)
        readBuffer = .allocate(byteCount: 64 * 1024, alignment: 64)
        meter = LoopMeter()
        // These fail only when the process is out of descriptors or memory at start: nothing can run without a loop.
        guard uv_loop_init(uv) == 0, let wakeUp = LoopWakeUp(of: uv) else {
            fatalError("no event loop: the process is out of file descriptors or memory")
        }
        self.wakeUp = wakeUp
        serialExecutor.loop = self
        uv_prepare_init(uv, prepareHandle)
        uv_check_init(uv, checkHandle)
        uv_idle_init(uv, idleHandle)
        uv_timer_init(uv, timerHandle)
        let me = Unmanaged.passUnretained(self).toOpaque()
        wakeUp.start(data: me, EventLoop.onWake)
        prepareHandle.pointee.data = me
        checkHandle.pointee.data = me
        idleHandle.pointee.data = me
        timerHandle.pointee.data = me
        uv_prepare_start(prepareHandle, EventLoop.onPrepare)
        uv_check_start(checkHandle, EventLoop.onCheck)

        // The thread keeps the loop alive; the loop ends when `stop` was called and its handles are closed.
        let ready = ThreadGate()
        EventLoop.startThread(named: name, running: self, gate: ready)
        ready.wait()
    }

    deinit {
        prepareHandle.deallocate()
        checkHandle.deallocate()
        idleHandle.deallocate()
        timerHandle.deallocate()
        uv.deallocate()
        readBuffer.deallocate()
    }

    // MARK: Which loop am I on?

    /// The loop whose thread this is, or nil.
    public static var current: EventLoop? {
        guard let pointer = pthread_getspecific(LoopThread.key) else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the calling thread is the loop's.
    ///
    /// By the thread's own storage: the number of a thread that has ended is given to the next one.
    public var isCurrent: Bool { pthread_getspecific(LoopThread.key) == Unmanaged.passUnretained(self).toOpaque() }

    /// Traps off the loop: an I/O primitive called from a store's actor or a detached task would race.
    @inline(__always)
    func assertCurrent() {
        precondition(isCurrent, "this is confined to its event loop; call it from a task of that loop")
    }

    /// When the current turn of the loop began, to the millisecond: a clock that costs nothing to read.
    public var turnTime: MonotonicTime { MonotonicTime(nanoseconds: uv_now(uv) &* 1_000_000) }

    // MARK: Work from anywhere

    public func enqueue(_ job: consuming ExecutorJob) {
        add(Job(job: UnownedJob(job), isIsolated: false))
    }

    /// For an actor that lives on this loop: its `unownedExecutor`. The actor must hold the loop.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { serialExecutor.asUnownedSerialExecutor() }

    func enqueueIsolated(_ job: consuming ExecutorJob) {
        add(Job(job: UnownedJob(job), isIsolated: true))
    }

    private func add(_ job: Job) {
        if isCurrent { jobs.append(job) } else { submit(.job(job)) }
    }

    private func run(_ job: Job) {
        if job.isIsolated {
            job.job.runSynchronously(
                isolatedTo: serialExecutor.asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        } else {
            job.job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// Calls `work` on the loop, in the order of the calls, from any thread.
    /// - Returns: false when the loop has stopped: then `work` is never called.
    @discardableResult
    public func execute(_ work: @escaping @Sendable () -> Void) -> Bool {
        submit(.call(work))
    }

    @discardableResult
    private func submit(_ work: Work) -> Bool {
        let (isTaken, mustWake) = remote.withLock { remote in
            if remote.isStopped { return (false, false) }
            remote.work.append(work)
            return (true, remote.work.count == 1)
        }
        if mustWake { wake() }
        return isTaken
    }

    /// Keeps the loop from ending until ``letGo()``. From any thread.
    /// - Returns: false when it has ended: a job that it were given would never run.
    func hold() -> Bool {
        remote.withLock { remote in
            if !remote.isStopped { remote.holds += 1 }
            return !remote.isStopped
        }
    }

    func letGo() {
        let mustWake = remote.withLock { remote in
            remote.holds -= 1
            return remote.holds == 0 && remote.isEnding
        }
        if mustWake { wake() }
    }

    /// Ends the loop's thread once the work in hand is done; connections that are still open are closed. What
    /// ``EventLoopGroup/run(_:)`` runs is waited for; what else waits for a time, or for another thread, is not: such tasks
    /// must be over before their loop is.
    public func stop() {
        execute { [self] in isStopping = true }
    }

    // MARK: Hooks

    /// Calls `hook` at the end of every turn that ran jobs, before the loop waits for I/O: where a store commits what
    /// the turn's callers wrote. From any thread; stays for the loop's life.
    public func onTurnEnd(_ hook: @escaping @Sendable () -> Void) {
        if isCurrent { turnHooks.append(hook) } else { execute { [self] in turnHooks.append(hook) } }
    }

    /// Flushes the connection's output at the end of this turn, once, however often it is asked for.
    func flushAtTurnEnd(_ connection: Connection) {
        flushes.append(connection)
    }

    // MARK: The turn

    /// In nanoseconds: how long output may wait for the rest of a long batch of jobs.
    private static let flushDelay: UInt64 = 1_000_000

    /// Left where it is, it would end the next wait at once, and what comes after it would not be told of.
    func takeForLater() {
        wakeUp.acknowledge()
        remote.withLock { remote in
            putOff.append(contentsOf: remote.work)
            remote.work.removeAll(keepingCapacity: true)
        }
    }

    private func takeRemote() {
        wakeUp.acknowledge()
        swap(&putOff, &taken)
        remote.withLock { remote in
            if taken.isEmpty { swap(&remote.work, &taken) } else { taken.append(contentsOf: remote.work) }
            remote.work.removeAll(keepingCapacity: true)
        }
        for work in taken {
            switch work {
            case .job(let job): jobs.append(job)
            case .call(let call): call()
            }
        }
        taken.removeAll(keepingCapacity: true)
    }

    /// One batch of jobs, then what was put off to the end of the turn.
    private func runBatch() {
        if !jobs.isEmpty {
            swap(&jobs, &batch)
            var last = MonotonicTime.now
            var flushed = last
            for job in batch {
                runningJob = unsafeBitCast(job.job, to: UInt.self)
                run(job)
                let now = MonotonicTime.now
                if now.nanoseconds &- last.nanoseconds > LoopMeter.threshold {
                    meter.record(now.since(last), by: taskActivities[runningJob]?.currentActivity, on: self)
                }
                if !flushes.isEmpty, now.nanoseconds &- flushed.nanoseconds > Self.flushDelay {
                    flushOutputs()
                    flushed = now
                }
                last = now
            }
            runningJob = 0
            batch.removeAll(keepingCapacity: true)
            for hook in turnHooks { hook() }
        }
        flushOutputs()
        // Jobs that these jobs made wait for the next turn; the poll in between must not block.
        if !jobs.isEmpty {
            keepTurning()
        } else if isIdling {
            isIdling = false
            uv_idle_stop(idleHandle)
        }
    }

    private func flushOutputs() {
        while !flushes.isEmpty {
            swap(&flushes, &flushing)
            for connection in flushing { connection.flushScheduled() }
            flushing.removeAll(keepingCapacity: true)
        }
    }

    private func beforePoll() {
        if !putOff.isEmpty { takeRemote() }
        runBatch()
        if !putOff.isEmpty { keepTurning() }  // By what ran just now: the poll must not block.
        if isStopping, jobs.isEmpty { end() }
        armTimer()
    }

    /// Keeps libuv's one timer at the earliest of ours.
    private func armTimer() {
        guard let next = timers.next else {
            if armedAt != .never {
                armedAt = .never
                uv_timer_stop(timerHandle)
            }
            return
        }
        if next == armedAt { return }
        armedAt = next
        uv_update_time(uv)
        let now = uv_hrtime()
        let wait = next.nanoseconds > now ? (next.nanoseconds - now + 999_999) / 1_000_000 : 0
        uv_timer_start(timerHandle, EventLoop.onTimer, wait, 0)
    }

    private func fireTimers() {
        armedAt = .never
        let now = MonotonicTime.now
        while let timer = timers.popExpired(at: now) { timer.fire() }
    }

    /// Stops for good if nothing is left to do; else it is called again after the next turn.
    private func end() {
        guard uv_is_closing(EventLoop.handle(prepareHandle)) == 0 else { return }
        Connection.closeAll(on: self)
        guard jobs.isEmpty else { return keepTurning() }
        // Work that is there now has its wake-up on the way; from here on no more is taken in.
        let isOver = remote.withLock { remote in
            remote.isEnding = true
            if remote.work.isEmpty, remote.holds == 0 { remote.isStopped = true }
            return remote.isStopped
        }
        guard isOver else { return }
        wakeUp.close()
        uv_close(EventLoop.handle(prepareHandle), nil)
        uv_close(EventLoop.handle(checkHandle), nil)
        uv_close(EventLoop.handle(idleHandle), nil)
        uv_close(EventLoop.handle(timerHandle), nil)
    }

    private func keepTurning() {
        guard !isIdling else { return }
        isIdling = true
        uv_idle_start(idleHandle, EventLoop.onIdle)
    }

    // MARK: The thread

    fileprivate func run(gate: ThreadGate) {
        if worksOffQueue { Thread.waitBehindOthers() }
        pthread_setspecific(LoopThread.key, Unmanaged.passUnretained(self).toOpaque())
        gate.open()
        uv_run(uv, UV_RUN_DEFAULT)
        uv_loop_close(uv)
        pthread_setspecific(LoopThread.key, nil)
    }

    private static func startThread(named name: String, running loop: EventLoop, gate: ThreadGate) {
        LoopThread.ignorePipeSignals
        // At the start of a process: there is nothing to go on with.
        guard Thread.start(named: name, { loop.run(gate: gate) }) else {
            fatalError("no event loop: the machine has no thread to give")
        }
    }

    // MARK: libuv's callbacks

    // Closures that become C function pointers are formed here, outside any isolation: formed in an isolated place
    // they would check for it, and stop the process on the loop's thread.
    private static let onWake: uv_poll_cb = { handle, _, _ in EventLoop.of(handle?.pointee.data)?.takeRemote() }
    private static let onPrepare: uv_prepare_cb = { EventLoop.of($0?.pointee.data)?.beforePoll() }
    private static let onCheck: uv_check_cb = { EventLoop.of($0?.pointee.data)?.runBatch() }
    private static let onTimer: uv_timer_cb = { EventLoop.of($0?.pointee.data)?.fireTimers() }
    private static let onIdle: uv_idle_cb = { _ in }

    private static func of(_ data: UnsafeMutableRawPointer?) -> EventLoop? {
        data.map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    static func handle<Handle>(_ pointer: UnsafeMutablePointer<Handle>) -> UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_handle_t.self)
    }
}

internal import Glibc
internal import MartletCore

/// Runs `work` off the loop, on the process's shared pool, for what computes long or blocks.
/// - Throws: what `work` throws; `unavailable` at once when the pool's queue is full; `deadlineExceeded` when the call's
///   deadline passed before its turn came; `CancellationError` when the task was cancelled before that.
public func offload<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await OffloadPool.shared.run(work)
}

/// A bounded pool of threads with a bounded queue. A full queue is an error, not a wait: whoever is at the end of a long
/// queue is served too late anyway.
public final class OffloadPool: Sendable {
    /// For a service's ordinary blocking work: four threads, 256 waiting.
    public static let shared = OffloadPool(name: "offload", threads: 4, queueLimit: 256)

    typealias ThreadStarter = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool

    public let name: String
    public let threadLimit: Int
    public let queueLimit: Int

    private let queue: OffloadQueue
    private let startThread: ThreadStarter

    public convenience init(name: String, threads: Int, queueLimit: Int) {
        self.init(name: name, threads: threads, queueLimit: queueLimit, startThread: Thread.start)
    }

    init(name: String, threads: Int, queueLimit: Int, startThread: @escaping ThreadStarter) {
        self.startThread = startThread
        self.name = name
        self.threadLimit = max(threads, 1)
        self.queueLimit = max(queueLimit, 1)
        queue = OffloadQueue()
    }

    deinit { queue.close() }

    /// Work that waits for a thread now.
    public var waiting: Int { queue.count }

    /// See ``offload(_:)``.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        let deadline = CallContext.current?.deadline
        let job = OffloadJob()
        // The outcome goes through a lock and not through the continuation: a continuation that is resumed before its
        // task has suspended is a synchronization that ThreadSanitizer does not see.
        let outcome = Locked<Swift.Result<Result, any Error>>(.failure(CancellationError()))
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let finish: @Sendable (Swift.Result<Result, any Error>) -> Void = { result in
                    outcome.withLock { $0 = result }
                    continuation.resume()
                }
                let isWanted = job.prepare(
                    run: {
                        if let deadline, deadline <= .now {
                            let late = "the deadline passed while the work waited for a thread"
                            finish(.failure(ServiceError(.deadlineExceeded, late)))
                        } else {
                            finish(Swift.Result { try work() })
                        }
                    },
                    drop: { finish(.failure($0)) })
                guard isWanted else { return }
                switch queue.add(job, limit: queueLimit, threadLimit: threadLimit) {
                case .queued: break
                case .full:
                    job.drop(
                        ServiceError(
                            .unavailable, "\(name) is busy: \(queueLimit) calls are waiting", retryAfter: .seconds(1)))
                case .needsThread:
                    let queue = self.queue
                    if !startThread(name, { queue.serve() }), queue.withdrawThread(wantedFor: job) {
                        job.drop(
                            ServiceError(
                                .unavailable, "\(name): the machine has no thread to give", retryAfter: .seconds(1)))
                    }
                }
            }
        } onCancel: {
            // Its place is for others, who would be refused for want of one.
            queue.remove(job)
            job.drop(CancellationError())
        }
        return try outcome.withLock { $0 }.get()
    }
}

/// One piece of work, which is either run or dropped, once.
private final class OffloadJob: Sendable {
    private struct Steps {
        var run: (@Sendable () -> Void)?
        var drop: (@Sendable (any Error) -> Void)?
        var dropped: (any Error)?
    }
    private let steps = Locked(Steps())

    /// - Returns: false when it has been dropped before.
    func prepare(run: @escaping @Sendable () -> Void, drop: @escaping @Sendable (any Error) -> Void) -> Bool {
        let early = steps.withLock { steps -> (any Error)? in
            if let error = steps.dropped { return error }
            steps.run = run
            steps.drop = drop
            return nil
        }
        if let early { drop(early) }
        return early == nil
    }

    func run() {
        let step = steps.withLock { steps in
            let step = steps.run
            steps.run = nil
            steps.drop = nil
            return step
        }
        step?()
    }

    func drop(_ error: any Error) {
        let step = steps.withLock { steps in
            let step = steps.drop
            if step == nil, steps.run == nil { steps.dropped = error }
            steps.run = nil
            steps.drop = nil
            return step
        }
        step?(error)
    }
}

/// The queue and its threads. The threads hold the queue, not the pool: a pool that is let go of ends its threads.
private final class OffloadQueue: @unchecked Sendable {  // Every `var` is guarded by `mutex`.
    enum Addition { case queued, full, needsThread }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let condition: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private var jobs: [OffloadJob] = []
    private var first = 0
    private var threads = 0
    private var idle = 0
    private var isClosed = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return jobs.count - first
    }

    func add(_ job: OffloadJob, limit: Int, threadLimit: Int) -> Addition {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let waiting = jobs.count - first
        if waiting >= limit + idle { return .full }
        jobs.append(job)
        if waiting < idle {
            pthread_cond_signal(condition)
            return .queued
        }
        if threads < threadLimit {
            threads += 1
            return .needsThread
        }
        return .queued
    }

    /// Takes out what nobody has begun.
    func remove(_ job: OffloadJob) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        removeLocked(job)
    }

    private func removeLocked(_ job: OffloadJob) {
        if let index = jobs[first...].firstIndex(where: { $0 === job }) { jobs.remove(at: index) }
    }

    /// The thread that ``add(_:limit:threadLimit:)`` asked for could not be started.
    /// - Returns: whether there is no other to do the job, which is taken out then.
    func withdrawThread(wantedFor job: OffloadJob) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        threads -= 1
        guard threads == 0 else { return false }
        removeLocked(job)
        return true
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// A thread's life: until the pool is gone and the queue is empty.
    func serve() {
        while let job = next() { job.run() }
    }

    private func next() -> OffloadJob? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while first == jobs.count {
            if isClosed {
                threads -= 1
                return nil
            }
            idle += 1
            pthread_cond_wait(condition, mutex)
            idle -= 1
        }
        let job = jobs[first]
        first += 1
        if first == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1024 {
            jobs.removeFirst(first)
            first = 0
        }
        return job
    }
}

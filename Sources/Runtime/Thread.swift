internal import CPosix
internal import Glibc

/// Threads of our own: loops and the offload pool. Detached; each ends by returning.
enum Thread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread with a 1 MiB stack: handlers run there, and Swift frames are larger than C's.
    /// - Returns: false when the machine has no thread, or no memory for one, to give.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 1024 * 1024)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                _ = start.name.prefix(15).withCString { pthread_setname_np(pthread_self(), $0) }
                start.body()
                return nil
            }, start.toOpaque())
        pthread_attr_destroy(&attributes)
        if result != 0 { start.release() }
        return result == 0
    }
}

extension Thread {
    /// The calling thread no longer preempts others when it wakes up; its share of the processor stays the same. Where
    /// the system has no such thing, or forbids it, nothing changes.
    static func waitBehindOthers() {
        #if os(Linux)
        var parameters = sched_param()
        // SCHED_BATCH (sched(7)); a GNU name, so the importer does not see it.
        pthread_setschedparam(pthread_self(), 3, &parameters)
        #endif
    }
}

/// Opened once; whoever waits blocks its thread until then.
final class ThreadGate: @unchecked Sendable {  // `isOpen` is guarded by `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let condition: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    private var isOpen = false

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

    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func wait() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}

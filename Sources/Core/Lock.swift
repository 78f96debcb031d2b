#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A value behind a pthread mutex, on the heap.
///
/// Not `Synchronization.Mutex`: that is a raw futex, which ThreadSanitizer does not see, so that it reports everything
/// the mutex guards. The cost is the same (5 against 6 ns uncontended).
public final class Locked<Value>: @unchecked Sendable {
    // @unchecked: `value` comes in as `sending`, and is touched between lock and unlock only. What `withLock` gives out is
    // a copy: for a value with references to what is not Sendable, it is for the caller not to let them out.

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    public init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// `body` must be short, and must not suspend, block or take another lock.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}

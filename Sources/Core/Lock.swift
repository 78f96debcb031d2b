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
    // @unchecked: `value` comes in as `sending`, and is touched between lock and unlock only. `withLock` lets nothing in
    // that others still refer to (`inout sending`), and nothing out that shares what is guarded (`Result: Sendable`).

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
    ///
    /// The result is `Sendable`, not `sending` as `Mutex` has it: with `inout sending`, the compiler (6.3) lets
    /// `{ $0 }` pass as a `sending` result, and a reference that the lock guards is out.
    public func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}

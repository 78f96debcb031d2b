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
    /// In memory of its own: the lock sees to exclusive access already, and for a property the runtime would do so again.
    @usableFromInline let value: UnsafeMutablePointer<Value>

    public init(_ value: sending Value) {
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    @usableFromInline
    func lock() { pthread_mutex_lock(mutex) }

    @usableFromInline
    func unlock() { pthread_mutex_unlock(mutex) }

    /// `body` must be short, and must not suspend, block or take another lock.
    ///
    /// The result is `Sendable`, not `sending` as `Mutex` has it: with `inout sending`, the compiler (6.3) lets
    /// `{ $0 }` pass as a `sending` result, and a reference that the lock guards is out.
    @inlinable
    public func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body(&value.pointee)
    }
}

internal import Synchronization

/// An object that is made when it is first wanted, and read without a lock after.
///
/// What `Synchronization.AtomicLazyReference` is, without the generic look-ups that its accessors make at run time,
/// which were a twelfth of the default stack's cost.
struct OnceReference<Object: AnyObject & Sendable>: ~Copyable, Sendable {
    private let reference = Atomic<Unmanaged<Object>?>(nil)

    deinit { reference.load(ordering: .acquiring)?.release() }

    @inline(__always)
    func load() -> Object? {
        guard let object = reference.load(ordering: .acquiring) else { return nil }
        return object.takeUnretainedValue()
    }

    /// The object that is there after: `object`, or the one that another thread stored before.
    func storeIfNil(_ object: Object) -> Object {
        let new = Unmanaged.passRetained(object)
        let (exchanged, old) = reference.compareExchange(
            expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !exchanged, let old else { return object }
        new.release()
        return old.takeUnretainedValue()
    }
}

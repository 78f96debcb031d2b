internal import MartletCore

/// Wakes whoever waits for something to do. Ask for ``next()``, look whether there is something, and only then wait for
/// it: what was rung in between is not missed.
final class Doorbell: Sendable {
    private let signal = Locked(ShutdownSignal())

    func next() -> ShutdownSignal { signal.withLock { $0 } }

    func ring() {
        signal.withLock { signal in
            defer { signal = ShutdownSignal() }
            return signal
        }.trigger()
    }
}

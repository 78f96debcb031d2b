internal import MartletCore

/// How much waits to be delivered, and room for how much more there is. The mails themselves are in the store.
final class DeliveryQueue: Sendable {
    private struct Backlog {
        var count = 0
        var bytes = 0
    }

    let bell = Doorbell()
    private let countLimit: Int
    private let byteLimit: Int
    private let backlog = Locked(Backlog())

    /// - Parameter byteLimit: of the mails that wait.
    init(countLimit: Int = 100_000, byteLimit: Int) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    var count: Int { backlog.withLock { $0.count } }

    /// What waited already when the service began.
    func begin(count: Int, bytes: Int) { backlog.withLock { $0 = Backlog(count: count, bytes: bytes) } }

    /// - Throws: `unavailable` when there is no room for one more.
    func admit(bytes: Int) throws(ServiceError) {
        let isAdmitted = backlog.withLock { backlog in
            guard backlog.count < countLimit, bytes <= byteLimit - backlog.bytes else { return false }
            backlog.count += 1
            backlog.bytes += bytes
            return true
        }
        guard isAdmitted else {
            throw ServiceError(
                .unavailable, "too many mails wait for the mail server; try again", retryAfter: .seconds(30))
        }
    }

    /// A dead letter waits again, whether there is room or not: it has its place in the store.
    func add(bytes: Int) {
        backlog.withLock { backlog in
            backlog.count += 1
            backlog.bytes += bytes
        }
    }

    /// One that was admitted no longer waits.
    func forget(bytes: Int) {
        backlog.withLock { backlog in
            backlog.count = max(backlog.count - 1, 0)
            backlog.bytes = max(backlog.bytes - bytes, 0)
        }
    }

    func ring() { bell.ring() }
}

internal import MartletCore
internal import MartletKit

/// Keeps the store within its limits: at the start, every minute, and sooner when much has come in.
struct MailRetention: Service {
    let name = "retention"
    let store: MailStore
    let limits: MailRetentionLimits
    let intake: MailIntake
    let logger: Logger
    var interval: Duration = .seconds(60)

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        let registration = signal.onTrigger { intake.bell.ring() }
        defer { signal.remove(registration) }
        while !signal.isTriggered, !Task.isCancelled {
            let bell = intake.bell.next()
            intake.restart()
            do {
                let pruned = try await store.prune(limits)
                if pruned > 0 { logger.info("forgot old mails", metadata: ["mails": .integer(Int64(pruned))]) }
            } catch {
                // The store may be back at the next turn; until then more is kept than need be.
                logger.warning("old mails were not removed: \(error)")
            }
            _ = await bell.wait(atMost: interval)
        }
    }
}

/// Counts what comes in, and rings when it is so much that nobody should wait for the minute to be over.
final class MailIntake: Sendable {
    let bell = Doorbell()
    private let limit: Int
    private let bytes = Locked(0)

    init(limit: Int) { self.limit = limit }

    func add(_ count: Int) {
        let isMuch = bytes.withLock { bytes in
            bytes += count
            return bytes > limit
        }
        if isMuch { bell.ring() }
    }

    func restart() { bytes.withLock { $0 = 0 } }
}

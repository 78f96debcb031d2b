public import MartletCore
internal import MartletKit

/// Keeps the store within its limits: once at the start, then every minute.
public struct Retention: Service {
    public let name = "retention"
    private let store: any LogStore
    private let limits: RetentionLimits
    private let interval: Duration
    private let logger: Logger

    public init(
        _ store: any LogStore, _ limits: RetentionLimits, every interval: Duration = .seconds(60), logger: Logger
    ) {
        self.store = store
        self.limits = limits
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        repeat {
            do {
                let pruned = try await store.prune(limits)
                if pruned > 0 { logger.info("forgot old entries", metadata: ["entries": .integer(Int64(pruned))]) }
            } catch {
                // The store may be back at the next turn; until then more is kept than need be.
                logger.warning("old entries were not removed: \(error)")
            }
        } while await !signal.wait(atMost: interval) && !Task.isCancelled
    }
}

// Kit: what the author of a service uses. It puts the rooms below together: endpoints mounted on transports, the
// lifecycle of a process, health, configuration, and where telemetry goes. It knows no particular service; those are
// in Services, and which of them make up a system is said in System.

public import MartletCore

/// A service that can begin before it is waited for, so that what stops it from beginning (a port that is taken) is
/// known at once.
public protocol StartableService: Service {
    /// Begins; `run` goes on from there. Called once, before `run`.
    func start() async throws
}

/// Services that live and end together: they start in the order they are listed and stop in the reverse order, so that
/// a store, listed first, outlives the server that uses it.
///
///     let group = ServiceGroup("logger", readiness: readiness, logger: logger) {
///         store
///         retention
///         server
///     }
///     try await group.run()
///
/// One that ends on its own, or throws, ends the group.
public final class ServiceGroup: StartableService {
    /// How a group ends.
    public struct Shutdown: Sendable {
        /// Between "not ready" and the first stop: the time a load balancer needs to look away.
        public var drainDelay: Duration
        /// What each service may take to stop before it is cancelled.
        public var patience: Duration

        public init(drainDelay: Duration = .zero, patience: Duration = .seconds(25)) {
            self.drainDelay = drainDelay
            self.patience = patience
        }
    }

    public let name: String
    public let readiness: Readiness
    package let services: [any Service]
    private let logger: Logger
    private let shutdown: Shutdown
    private let isStarted = Locked(false)

    public init(
        _ name: String, readiness: Readiness, logger: Logger, shutdown: Shutdown = Shutdown(),
        @ServiceListBuilder services: () throws -> [any Service]
    ) rethrows {
        self.name = name
        self.readiness = readiness
        self.logger = logger
        self.shutdown = shutdown
        self.services = try services()
    }

    /// Starts the services in order: they are parts of one service, and a later one may use what an earlier one has begun.
    /// When one cannot start, those before it, and those that hold something without having to be started, are stopped
    /// again, and the error is thrown.
    public func start() async throws {
        isStarted.withLock { $0 = true }
        for (index, service) in services.enumerated() {
            guard let service = service as? any StartableService else { continue }
            do {
                try await service.start()
            } catch {
                await end(services.enumerated().filter { $0 < index || !($1 is any StartableService) }.map(\.element))
                throw error
            }
        }
    }

    /// Runs services to their end with the end already asked for: what they hold, sockets and files, is let go of.
    private func end(_ services: [any Service]) async {
        for member in services.reversed().map(Member.init) {
            member.signal.trigger()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await member.run() }
                await stop(member)
            }
        }
    }

    /// Runs until the shutdown is asked for and everything has stopped.
    /// - Throws: what the first service that failed threw, once the others have stopped.
    public func run() async throws {
        if !isStarted.withLock({ $0 }) { try await start() }
        let members = services.map(Member.init)
        let asked = ShutdownSignal.current ?? ShutdownSignal()
        // Ends the wait below: the shutdown was asked for, or a service ended by itself.
        let over = ShutdownSignal()
        let registration = asked.onTrigger { over.trigger() }
        defer { asked.remove(registration) }
        readiness.becameReady()
        logger.info("started")
        await withTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask {
                    await member.run()
                    over.trigger()
                }
            }
            group.addTask { [self] in
                await over.wait()
                await stop(members, isPlanned: asked.isTriggered)
                asked.trigger()
            }
            await group.waitForAll()
        }
        logger.info("stopped")
        for member in members {
            if let error = member.failure { throw error }
        }
    }

    private func stop(_ members: [Member], isPlanned: Bool) async {
        readiness.becameUnready("shutting down")
        for member in members where member.hasEnded && !isPlanned {
            logger.error("\(member.service.name) ended: \(member.failure.map { "\($0)" } ?? "without an error")")
        }
        if isPlanned, shutdown.drainDelay > .zero {
            logger.info("draining")
            try? await Task.sleep(for: shutdown.drainDelay)
        }
        for member in members.reversed() { await stop(member) }
    }

    private func stop(_ member: Member) async {
        member.signal.trigger()
        if await !member.ended.wait(atMost: shutdown.patience) {
            logger.warning("\(member.service.name) did not stop within \(shutdown.patience); cancelled")
            member.cancel()
        }
    }

    /// One service while the group runs.
    private final class Member: Sendable {
        let service: any Service
        let signal = ShutdownSignal()
        let ended = ShutdownSignal()
        private let task = Locked<(running: Task<Void, any Error>?, isCancelled: Bool)>((nil, false))
        private let error = Locked<(any Error)?>(nil)

        init(_ service: any Service) { self.service = service }

        var hasEnded: Bool { ended.isTriggered }
        var failure: (any Error)? { error.withLock { $0 } }

        func run() async {
            let task = Task { [service, signal] in
                try await ShutdownSignal.$current.withValue(signal) { try await service.run() }
            }
            let isCancelled = self.task.withLock { held in
                held.running = task
                return held.isCancelled
            }
            if isCancelled { task.cancel() }
            do {
                try await task.value
            } catch is CancellationError where signal.isTriggered {
                // Told to stop, and then made to.
            } catch {
                self.error.withLock { $0 = error }
            }
            ended.trigger()
        }

        func cancel() {
            task.withLock { held in
                held.isCancelled = true
                return held.running
            }?.cancel()
        }
    }
}

@resultBuilder
public enum ServiceListBuilder {
    public static func buildExpression(_ service: any Service) -> [any Service] { [service] }
    public static func buildExpression(_ services: [any Service]) -> [any Service] { services }
    public static func buildBlock(_ parts: [any Service]...) -> [any Service] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [any Service]?) -> [any Service] { part ?? [] }
    public static func buildEither(first: [any Service]) -> [any Service] { first }
    public static func buildEither(second: [any Service]) -> [any Service] { second }
    public static func buildArray(_ parts: [[any Service]]) -> [any Service] { parts.flatMap { $0 } }
}

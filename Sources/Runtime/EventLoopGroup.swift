internal import CUV
public import MartletCore
internal import Synchronization

/// The loops that share the work: one a core.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]

    /// The process's own group: as many loops as cores this process may use.
    public static let shared = EventLoopGroup(loops: Int(uv_available_parallelism()), name: "loop")

    public init(loops count: Int, name: String) {
        loops = (0..<max(count, 1)).map { EventLoop(name: "\(name)-\($0)") }
    }

    /// The calling task's own loop if it is one of these, else the one with the fewest connections.
    public func next() -> EventLoop {
        if let current = EventLoop.current, loops.contains(where: { $0 === current }) { return current }
        return leastLoaded()
    }

    func leastLoaded() -> EventLoop {
        var best = loops[0]
        var least = best.connectionCount.load(ordering: .relaxed)
        for loop in loops.dropFirst() {
            let count = loop.connectionCount.load(ordering: .relaxed)
            if count < least {
                best = loop
                least = count
            }
        }
        return best
    }

    /// Runs `body` on one of the loops, where I/O primitives may be used: at once when the caller is there already.
    /// - Throws: what `body` throws; `unavailable` when the group was shut down.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable (EventLoop) async throws -> Result
    ) async throws -> Result {
        let loop = next()
        if loop.isCurrent { return try await body(loop) }
        // Not withTaskExecutorPreference: a nonisolated(nonsending) body would stay where the caller is, and a caller
        // without an executor of its own would go on on the loop afterwards.
        guard loop.hold() else { throw ServiceError(.unavailable, "its event loops have been shut down") }
        defer { loop.letGo() }
        let task = Task(executorPreference: loop) { try await body(loop) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Ends the threads, once what ``run(_:)`` runs there is over. Only for a group of one's own.
    public func shutdown() {
        for loop in loops { loop.stop() }
    }
}

extension EventLoop {
    /// How many connections live here.
    public var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// Suspends until `time`, on the current loop's timers.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public static func sleep(until time: MonotonicTime) async throws {
        guard let loop = current else {
            try await Task.sleep(for: max(time.since(.now), .zero))
            return
        }
        let sleeper = Sleeper()
        await withTaskCancellationHandler {
            await sleeper.sleep(until: time, on: loop)
        } onCancel: {
            loop.execute { sleeper.wake() }
        }
        try Task.checkCancellation()
    }

    public static func sleep(for duration: Duration) async throws {
        try await sleep(until: .now + duration)
    }
}

/// One sleep.
private final class Sleeper: @unchecked Sendable {  // Touched on its loop alone; a cancellation goes there.
    private var continuation: UnsafeContinuation<Void, Never>?
    private var timer: LoopTimer?
    private var isOver = false

    func sleep(until time: MonotonicTime, on loop: EventLoop) async {
        if isOver { return }
        let timer = LoopTimer(on: loop) { [unowned self] in wake() }
        self.timer = timer
        timer.schedule(at: time)
        await withUnsafeContinuation { continuation in
            if isOver { continuation.resume() } else { self.continuation = continuation }
        }
    }

    func wake() {
        isOver = true
        timer?.cancel()
        timer = nil
        continuation?.resume()
        continuation = nil
    }
}

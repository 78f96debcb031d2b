internal import MartletCore
internal import MartletRuntime

/// The connections to one server on one event loop, and the calls that wait for the first of them.
///
/// It remembers no failure: a call that finds no connection has one made.
final class NetRPCPool: @unchecked Sendable {  // Touched on `loop` alone; `close` and cancellations go there.
    let server: HostPort
    let httpPath: String?
    let loop: EventLoop
    let limits: NetRPCClient.Limits

    private var connections: [NetRPCClientConnection] = []
    /// Calls without a connection, in their order.
    private var waiting: [NetRPCCall] = []
    private var isConnecting = false
    private var isClosed = false
    private var timer: LoopTimer?
    private var connector: Task<Void, Never>?

    init(_ server: HostPort, httpPath: String?, on loop: EventLoop, limits: NetRPCClient.Limits) {
        self.server = server
        self.httpPath = httpPath
        self.loop = loop
        self.limits = limits
    }

    // MARK: Calls

    func send(_ call: NetRPCCall) async throws {
        guard .now < call.deadline else { throw call.lateness }
        try Task.checkCancellation()
        submit(call)
        if !call.isOver {
            scheduleTimeout(at: call.deadline)
            await withTaskCancellationHandler {
                await call.wait()
            } onCancel: { [self] in
                loop.execute { [self] in giveUp(call, CancellationError()) }
            }
        }
        if let error = call.error { throw error }
    }

    private func submit(_ call: NetRPCCall) {
        guard !isClosed else { return call.finish(Self.shutDown) }
        let total = connections.reduce(waiting.count) { $0 + $1.pending.count }
        guard total < limits.calls else {
            return call.finish(ServiceError(.unavailable, "\(server): \(total) calls are in progress already"))
        }
        let best = connections.filter { $0.takesCalls }.min { $0.pending.count < $1.pending.count }
        let mayConnect = connections.count < limits.connections && !isConnecting
        guard let best else {
            waiting.append(call)
            if mayConnect { connect() }
            return
        }
        if best.pending.count >= limits.callsPerConnection, mayConnect { connect() }
        best.send(call)
    }

    static let shutDown = ServiceError(.unavailable, "connection is shut down")

    private func giveUp(_ call: NetRPCCall, _ error: any Error) {
        waiting.removeAll { $0 === call }
        call.connection?.forget(call)
        call.finish(error)
    }

    // MARK: Time

    /// One timer for all: calls mostly have as much time as the one before.
    private func scheduleTimeout(at deadline: MonotonicTime) {
        guard deadline != .never else { return }
        let known = timer
        let timer = known ?? LoopTimer(on: loop) { [weak self] in self?.timePassed() }
        if known == nil || deadline < nextTimeout {
            self.timer = timer
            nextTimeout = deadline
            timer.schedule(at: deadline)
        }
    }

    private var nextTimeout = MonotonicTime.never

    private func timePassed() {
        let now = MonotonicTime.now
        var next = MonotonicTime.never
        for call in waiting + connections.flatMap({ $0.pending.values }) {
            if call.deadline <= now {
                // A server that has said nothing since may be gone; the next call finds out by connecting.
                call.connection?.missedDeadline(of: call)
                giveUp(call, call.lateness)
            } else {
                next = min(next, call.deadline)
            }
        }
        nextTimeout = next
        if next != .never { timer?.schedule(at: next) }
    }

    // MARK: Connections

    private func connect() {
        isConnecting = true
        connector = Task(executorPreference: loop) { [self] in
            do {
                let connection = try await NetRPCClientConnection.open(for: self)
                isConnecting = false
                guard !isClosed else { return connection.connection.close() }
                connections.append(connection)
                connection.begin()
                let calls = waiting
                waiting = []
                for call in calls where !call.isOver { connection.send(call) }
            } catch {
                isConnecting = false
                let calls = waiting
                waiting = []
                for call in calls { call.finish(error) }
            }
            connector = nil
        }
    }

    /// The connection is over. Calls that have not gone out, or may go out twice, do so on another one.
    func ended(_ connection: NetRPCClientConnection, _ lost: [NetRPCCall], _ error: ServiceError) {
        connections.removeAll { $0 === connection }
        for call in lost where !call.isOver {
            if call.mayRepeat, !isClosed {
                call.isRepeated = true
                submit(call)
            } else {
                call.finish(error)
            }
        }
    }

    /// From any thread.
    func close() {
        loop.execute { [self] in
            isClosed = true
            connector?.cancel()
            timer?.cancel()
            timer = nil
            for call in waiting { call.finish(Self.shutDown) }
            waiting = []
            for connection in connections { connection.close(Self.shutDown) }
        }
    }
}

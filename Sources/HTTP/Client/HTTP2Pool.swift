internal import MartletCore
internal import MartletRuntime

/// The connections to one origin on one event loop where it is known to speak HTTP/2: one, as a rule, which all calls
/// share, and beside it those that are ending.
///
/// Calls beyond the server's limit of streams wait in line. When a connection cannot be made, the calls that wait for it
/// fail, and so do later ones until it is time to try again: after 50 ms, then twice as long each time, a second at most.
final class HTTP2Pool: @unchecked Sendable {  // Touched on the client's loop alone; a cancellation goes there.
    private unowned let pool: ConnectionPool
    private var connections: [HTTP2ClientConnection] = []
    private var waiters: [PoolWaiter] = []
    private var isConnecting = false
    private var isClosed = false
    private var refusal: Refusal?

    /// Why no connection could be made, and until when that is believed.
    private struct Refusal {
        var error: ServiceError
        var until: MonotonicTime
        var wait: Duration
    }

    /// A call that no server has seen is tried so many times in all.
    private static let attempts = 3
    private static let firstWait: Duration = .milliseconds(50)
    private static let longestWait: Duration = .seconds(1)

    init(_ pool: ConnectionPool) { self.pool = pool }

    var isUnused: Bool { connections.isEmpty && waiters.isEmpty && !isConnecting }

    // MARK: Calls

    func send(_ call: ClientCall) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            let connection = try await checkOut(for: call)
            do {
                return try await HTTP2Exchange(call, limits: pool.limits).send(on: connection)
            } catch let failure as ExchangeFailure {
                guard failure.mayRepeat, attempt < Self.attempts else { throw failure.cause }
                attempt += 1
            }
        }
    }

    /// A connection on which a stream may be begun before the caller suspends again.
    private func checkOut(for call: ClientCall) async throws -> HTTP2ClientConnection {
        while true {
            guard !isClosed else { throw ServiceError(.unavailable, "the HTTP client is closed") }
            let now = MonotonicTime.now
            guard now < call.deadline else { throw call.lateness }
            if let connection = connections.first(where: \.hasRoom) { return connection }
            if isConnecting || connections.contains(where: \.isUsable) {
                try await waitInLine(for: call)
            } else if let refusal, now < refusal.until {
                throw refusal.error
            } else {
                try await connect(for: call)
            }
        }
    }

    private func connect(for call: ClientCall) async throws {
        isConnecting = true
        defer { isConnecting = false }
        do {
            let made = try HTTP2ClientConnection(
                try await pool.dial(for: call), limits: pool.limits.http2, head: pool.limits.head,
                stall: pool.limits.stall)
            guard !isClosed else {
                made.close()
                throw ServiceError(.unavailable, "the HTTP client is closed")
            }
            refusal = nil
            adopt(made)
        } catch {
            // The caller gave up; somebody else may have more time.
            guard let error = error as? ServiceError, error.code == .unavailable else {
                wakeNext()
                throw error
            }
            let wait = min(refusal.map { $0.wait * 2 } ?? Self.firstWait, Self.longestWait)
            refusal = Refusal(error: error, until: .now + wait, wait: wait)
            failAll(error)
            throw error
        }
    }

    private func adopt(_ connection: HTTP2ClientConnection) {
        connections.append(connection)
        connection.idleTimeout = pool.limits.idle
        connection.onChange = { [weak self, unowned connection] in self?.changed(connection) }
        connection.start()
        for _ in 0..<waiters.count { wakeNext() }
    }

    private func changed(_ connection: HTTP2ClientConnection) {
        if connection.isClosed { connections.removeAll { $0 === connection } }
        if connection.hasRoom {
            wakeNext()
        } else if !connection.isUsable {
            // Those who waited for it look for another.
            for _ in 0..<waiters.count { wakeNext() }
        }
    }

    // MARK: The line

    private func waitInLine(for call: ClientCall) async throws {
        guard waiters.count < pool.limits.waiting else {
            throw ServiceError(
                .unavailable, "\(pool.origin): the server takes no more streams and \(waiters.count) calls wait")
        }
        let loop = pool.client.loop
        let waiter = PoolWaiter()
        waiters.append(waiter)
        let timer = LoopTimer(on: loop) { [weak self] in self?.giveUp(waiter, call.lateness) }
        timer.schedule(at: call.deadline)
        await withTaskCancellationHandler {
            await waiter.wait()
        } onCancel: { [self] in
            loop.execute { [self] in giveUp(waiter, CancellationError()) }
        }
        timer.cancel()
        _ = try waiter.outcome.get()
    }

    private func giveUp(_ waiter: PoolWaiter, _ error: any Error) {
        guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return }
        waiters.remove(at: index)
        waiter.resume(.failure(error))
    }

    /// Lets the first in line look again.
    private func wakeNext() {
        guard !waiters.isEmpty else { return }
        waiters.removeFirst().resume(.success(.permit))
    }

    private func failAll(_ error: any Error) {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume(.failure(error)) }
    }

    func close() {
        isClosed = true
        for connection in connections { connection.drain() }
        failAll(ServiceError(.unavailable, "the HTTP client is closed"))
    }
}

internal import MartletCore
internal import MartletRuntime

/// The connections to one origin on one event loop.
///
/// The one used last is used next, so that a pool that was busy once shrinks again. At the limit, requests wait in line.
/// A pool remembers no failure: every request that finds no connection tries to make one.
final class ConnectionPool: @unchecked Sendable {  // Touched on the client's loop alone; a cancellation goes there.
    let origin: HTTPOrigin
    let client: ClientLoop
    var limits: HTTPClient.Limits { client.limits }

    private var idle: [ClientConnection] = []
    /// In use, idle, and those being made.
    private var count = 0
    private var waiters: [PoolWaiter] = []
    private var isClosed = false
    private(set) var lastUse = MonotonicTime.now
    var known: KnownAddresses?
    private var http2: HTTP2Pool?

    /// Addresses of the origin's name, best first.
    struct KnownAddresses {
        var addresses: [SocketAddress]
        var expiry: MonotonicTime
    }

    init(_ origin: HTTPOrigin, on client: ClientLoop) {
        self.origin = origin
        self.client = client
    }

    var isUnused: Bool { count == 0 && waiters.isEmpty && http2?.isUnused ?? true }

    /// For calls that are known to be understood in HTTP/2.
    func sendOverHTTP2(_ call: ClientCall) async throws -> HTTPResponse {
        lastUse = .now
        let http2 = http2 ?? HTTP2Pool(self)
        self.http2 = http2
        return try await http2.send(call)
    }

    // MARK: Out

    /// A connection for one exchange.
    ///
    /// - Parameter fresh: makes a new one even if others are idle.
    func checkOut(fresh: Bool, for call: ClientCall) async throws -> ClientConnection {
        let now = MonotonicTime.now
        lastUse = now
        guard now < call.deadline else { throw call.lateness }
        if !fresh, let kept = takeIdle(at: now) { return kept }
        if fresh, count >= limits.connections, let oldest = idle.first {
            idle.removeFirst()
            discard(oldest)
        }
        if count < limits.connections, !isClosed {
            count += 1
        } else {
            switch try await waitInLine(for: call) {
            case .connection(let kept):
                guard fresh else { return kept }
                kept.connection.close()
            case .permit: break
            }
        }
        do {
            return ClientConnection(try await dial(for: call), of: self)
        } catch {
            count -= 1
            letNextIn()
            throw error
        }
    }

    /// The connection used last that is still good.
    private func takeIdle(at now: MonotonicTime) -> ClientConnection? {
        while let last = idle.popLast() {
            if last.isUsable, now < last.idleUntil { return last }
            discard(last)
        }
        return nil
    }

    private func waitInLine(for call: ClientCall) async throws -> PoolWaiter.Grant {
        guard !isClosed else { throw ServiceError(.unavailable, "the HTTP client is closed") }
        guard waiters.count < limits.waiting else {
            throw ServiceError(
                .unavailable,
                "\(origin): all \(limits.connections) connections are busy and \(waiters.count) calls wait")
        }
        let waiter = PoolWaiter()
        waiters.append(waiter)
        let timer = LoopTimer(on: client.loop) { [weak self] in self?.giveUp(waiter, call.lateness) }
        timer.schedule(at: call.deadline)
        await withTaskCancellationHandler {
            await waiter.wait()
        } onCancel: { [self] in
            client.loop.execute { [self] in giveUp(waiter, CancellationError()) }
        }
        timer.cancel()
        return try waiter.outcome.get()
    }

    private func giveUp(_ waiter: PoolWaiter, _ error: any Error) {
        guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return }
        waiters.remove(at: index)
        waiter.resume(.failure(error))
    }

    // MARK: Back

    /// Takes a connection back after its exchange.
    func checkIn(_ connection: ClientConnection, isUsable: Bool) {
        guard isUsable, !isClosed else { return discard(connection) }
        if !waiters.isEmpty {
            waiters.removeFirst().resume(.success(.connection(connection)))
        } else if idle.count < limits.idleConnections {
            connection.beginIdling()
            idle.append(connection)
        } else {
            discard(connection)
        }
    }

    private func discard(_ connection: ClientConnection) {
        connection.connection.close()
        count -= 1
        letNextIn()
    }

    private func letNextIn() {
        guard count < limits.connections, !waiters.isEmpty else { return }
        count += 1
        waiters.removeFirst().resume(.success(.permit))
    }

    // MARK: Housekeeping

    func closeExpired(at now: MonotonicTime) {
        guard !idle.isEmpty else { return }
        let kept = idle
        idle.removeAll(keepingCapacity: true)
        for connection in kept {
            if connection.isUsable, now < connection.idleUntil {
                idle.append(connection)
            } else {
                discard(connection)
            }
        }
    }

    func close() {
        isClosed = true
        http2?.close()
        for connection in idle {
            connection.connection.close()
            count -= 1
        }
        idle = []
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            waiter.resume(.failure(ServiceError(.unavailable, "the HTTP client is closed")))
        }
    }
}

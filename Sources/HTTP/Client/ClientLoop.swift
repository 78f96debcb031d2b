internal import MartletCore
internal import MartletRuntime
internal import MartletTLS

/// The client's part on one event loop: its pools. Confined to the loop, so there is nothing to lock.
final class ClientLoop: @unchecked Sendable {  // Every `var` is touched on `loop` alone; `close` goes there.
    let loop: EventLoop
    let limits: HTTPClient.Limits
    private let tls: TLSClientContext?
    private(set) var isClosed = false
    private var pools: [HTTPOrigin: ConnectionPool] = [:]
    private var lastPool: ConnectionPool?
    private var sweepTimer: LoopTimer?

    /// How many origins are remembered at once. A client that is given ever new ones forgets those not in use.
    private static let poolLimit = 1024

    init(_ loop: EventLoop, limits: HTTPClient.Limits, tls: TLSClientContext?) {
        self.loop = loop
        self.limits = limits
        self.tls = tls
    }

    /// For whoever was given no other. Not made before it is used: the system's authorities take a megabyte.
    private static let systemTLS: Result<TLSClientContext, ServiceError> = Result { () throws(ServiceError) in
        try TLSClientContext(TLSClientConfiguration())
    }

    func tlsContext() throws(ServiceError) -> TLSClientContext {
        if let tls { return tls }
        return try Self.systemTLS.get()
    }

    func send(_ call: ClientCall) async throws -> HTTPResponse {
        let pool = try pool(for: call.base.origin)
        if call.base.version == .http2 { return try await pool.sendOverHTTP2(call) }
        let connection = try await pool.checkOut(fresh: false, for: call)
        do {
            return try await connection.exchange(call)
        } catch let failure as ExchangeFailure {
            guard failure.mayRepeat else { throw failure.cause }
        }
        let fresh = try await pool.checkOut(fresh: true, for: call)
        do {
            return try await fresh.exchange(call)
        } catch let failure as ExchangeFailure {
            throw failure.cause
        }
    }

    private func pool(for origin: HTTPOrigin) throws(ServiceError) -> ConnectionPool {
        if let lastPool, lastPool.origin == origin { return lastPool }
        if let known = pools[origin] {
            lastPool = known
            return known
        }
        guard !isClosed else { throw ServiceError(.unavailable, "the HTTP client is closed") }
        if pools.count >= Self.poolLimit { sweep(keepingUnused: false) }
        guard pools.count < Self.poolLimit else {
            throw ServiceError(.unavailable, "the HTTP client talks to \(Self.poolLimit) servers already")
        }
        let pool = ConnectionPool(origin, on: self)
        pools[origin] = pool
        lastPool = pool
        scheduleSweep()
        return pool
    }

    // MARK: Idle connections

    private func scheduleSweep() {
        let timer = sweepTimer ?? LoopTimer(on: loop) { [weak self] in self?.sweepInTime() }
        sweepTimer = timer
        timer.schedule(at: .now + limits.idle / 4)
    }

    private func sweepInTime() {
        sweep(keepingUnused: true)
        if !pools.isEmpty { scheduleSweep() }
    }

    /// Closes what has been idle too long or was closed by its server, and forgets pools that nobody uses.
    private func sweep(keepingUnused: Bool) {
        let now = MonotonicTime.now
        for (origin, pool) in pools {
            pool.closeExpired(at: now)
            if pool.isUnused, !keepingUnused || pool.lastUse + limits.idle <= now {
                pools[origin] = nil
                if lastPool === pool { lastPool = nil }
            }
        }
    }

    // MARK: The end

    /// From any thread.
    func close() {
        loop.execute { [self] in
            isClosed = true
            sweepTimer?.cancel()
            sweepTimer = nil
            for pool in pools.values { pool.close() }
            pools = [:]
            lastPool = nil
        }
    }
}

internal import MartletCore
internal import MartletHTTP

extension Setup {
    private static let shortestPause: Duration = .milliseconds(100)
    private static let longestPause: Duration = .seconds(5)

    /// Gets hold of something the service cannot start without, and waits for it while what stands in the way may pass:
    /// with backoff, for `STARTUP_TIMEOUT`. Meanwhile the service's port is served: `/livez` answers, `/readyz` says
    /// what is waited for, everything else is 503.
    ///
    /// - Parameters:
    ///   - what: for `/readyz` and the log: `store`.
    ///   - attempt: what it throws is waited out if it is a ``TransientError`` that may pass; else it is thrown at once.
    /// - Throws: the last error, when the time is over; `CancellationError` when the shutdown is asked for.
    public func whenThere<Value: Sendable>(
        _ what: String, _ attempt: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await attempt()
        } catch  where Self.mayPass(error) && configuration[StandardKeys.startupTimeout] > .zero {
            let substitute = try substitute(waitingFor: what)
            readiness.startWaits(for: what, "\(error)")
            telemetry.logger.warning("waits for its \(what): \(error)")
            do {
                let value = try await attemptAgain(what, attempt)
                readiness.startWaits(for: what, nil)
                await substitute?.drain()
                return value
            } catch {
                await substitute?.drain()
                throw error
            }
        }
    }

    private func attemptAgain<Value: Sendable>(
        _ what: String, _ attempt: () async throws -> Value
    ) async throws -> Value {
        let end = MonotonicTime.now + configuration[StandardKeys.startupTimeout]
        let shutdown = ShutdownSignal.current ?? ShutdownSignal()
        var pause = Self.shortestPause
        while true {
            if await shutdown.wait(atMost: min(pause, max(end.since(.now), .zero))) { throw CancellationError() }
            try Task.checkCancellation()
            do {
                return try await attempt()
            } catch  where Self.mayPass(error) && .now < end {
                readiness.startWaits(for: what, "\(error)")
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool { (error as? any TransientError)?.mayPass == true }

    /// Serves the service's port until the service itself can. Nil when it has none.
    private func substitute(waitingFor what: String) throws -> HTTPServer? {
        let port = StandardKeys.httpPort(0)
        guard configuration.source(of: port) != nil else { return nil }
        let server = try httpServer(port: configuration[port]) { [service] router in
            router.fallback(
                Endpoint(http: "waiting for the \(what)") { _ in
                    throw ServiceError(
                        .unavailable, "the \(service) service waits for its \(what); try again", retryAfter: .seconds(1)
                    )
                })
        }
        try server.start()
        return server
    }
}

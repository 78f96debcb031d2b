import MartletCore

/// Refuses a call while `limit` others of the same endpoint are in progress.
struct ConcurrencyLimit: Middleware {
    let limit: Int

    func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        // Called once for each endpoint, when the service is made: what is made here belongs to that endpoint.
        let inProgress = Locked(0)
        let limit = limit
        return next.replacingBody { request in
            let isAdmitted = inProgress.withLock { count in
                guard count < limit else { return false }
                count += 1
                return true
            }
            guard isAdmitted else {
                throw ServiceError(.resourceExhausted, "\(next.name) is busy; try again", retryAfter: .seconds(1))
            }
            defer { inProgress.withLock { $0 -= 1 } }
            return try await next(request)
        }
    }
}

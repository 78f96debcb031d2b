/// Limits how long a call is worth waiting for: the caller's own limit or `maximum`, whichever is earlier, goes into
/// ``CallContext/deadline``, which every I/O primitive underneath honours. A call whose deadline has passed before it
/// begins is refused without being run. Nothing is armed here and nothing interrupted: a deadline is data.
public struct Deadline: Middleware {
    private let maximum: Duration?

    /// `nil` sets no limit of its own.
    public init(maximum: Duration?) { self.maximum = maximum }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let maximum = maximum
        return next.replacingBody { request in
            let current = CallContext.current
            let now = MonotonicTime.now
            let timeout = next.exchange.inbound(request).timeout
            let deadline = Self.earliest(current?.deadline, timeout, maximum, from: now)
            guard let deadline else { return try await next(request) }
            guard now < deadline else { throw Self.passed }
            let context = (current ?? CallContext(trace: .root(isSampled: false))).limited(to: deadline)
            return try await CallContext.$current.withValue(context) { try await next(request) }
        }
    }

    @inline(__always)
    static func earliest(
        _ deadline: MonotonicTime?, _ timeout: Duration?, _ maximum: Duration?, from now: MonotonicTime
    ) -> MonotonicTime? {
        var earliest = deadline ?? .never
        if let timeout { earliest = min(earliest, now + timeout) }
        if let maximum { earliest = min(earliest, now + maximum) }
        return earliest == .never ? nil : earliest
    }

    static let passed = ServiceError(.deadlineExceeded, "the deadline had passed before the call began")
}

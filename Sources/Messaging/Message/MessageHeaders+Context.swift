public import MartletCore

/// What of a call travels in a message's headers: read and written here, once for every driver.
extension MessageHeaders {
    enum Name {
        static let traceparent = "traceparent"
        static let tracestate = "tracestate"
        /// Milliseconds since 1970: the clocks of publisher and consumer may differ, but no one knows how long a
        /// message will wait in its queue, so that a time span would mean nothing.
        static let deadline = "deadline"
    }

    /// The publisher's span: `traceparent` and `tracestate`. Nil for what is not there or not valid.
    public var trace: TraceContext? {
        get {
            self[Name.traceparent].flatMap { TraceContext(traceparent: $0, tracestate: self[Name.tracestate]) }
        }
        set {
            self[Name.traceparent] = newValue?.traceparent
            self[Name.tracestate] = newValue?.state
        }
    }

    /// See ``BusMessage/deadline``.
    public var deadline: WallTime? {
        get {
            guard let text = self[Name.deadline], let milliseconds = Int64(text) else { return nil }
            let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
            return overflow ? nil : WallTime(nanoseconds: nanoseconds)
        }
        set { self[Name.deadline] = newValue.map { String($0.nanoseconds / 1_000_000) } }
    }
}

extension InboundContext {
    /// What a message says of the call that handles it: the publisher's trace, the time that is left, and the message's
    /// id as the idempotency key, which is equal for all its deliveries.
    public init(from message: BusMessage, at now: WallTime = .now) {
        self.init(
            trace: message.headers.trace,
            timeout: message.deadline.map { .nanoseconds(max(0, $0.nanoseconds.subtractingClamped(now.nanoseconds))) },
            idempotencyKey: message.id)
    }
}

extension Int64 {
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : difference
    }
}

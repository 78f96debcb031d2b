extension HTTPClient {
    /// What one origin can make the client hold, and for how long. Counts are per event loop.
    public struct Limits: Sendable {
        public var head: HTTPHeadLimits = {
            var head = HTTPHeadLimits()
            head.bytes = 64 << 10
            return head
        }()
        /// From the call to the last byte of the answer, where the caller names no deadline.
        public var request: Duration = .seconds(10)
        /// For resolving the name and trying all its addresses.
        public var connect: Duration = .seconds(1)
        /// How long a wait for the next byte, or for room to send more, may last when the caller's deadline is `.never`.
        public var stall: Duration = .seconds(60)
        /// How long an idle connection is kept: shorter than servers do, so that a request seldom meets a closing one.
        public var idle: Duration = .seconds(30)
        public var idleConnections = 64
        public var connections = 128
        /// Requests that wait for a connection; one more is `unavailable` at once.
        public var waiting = 1024
        /// How long the addresses of a name are kept.
        public var addresses: Duration = .seconds(5)
        /// How long a request with `Expect: 100-continue` holds its body back.
        public var expectContinue: Duration = .seconds(1)

        /// For servers that are spoken to in HTTP/2.
        public var http2 = HTTP2Limits()

        public init() {}
    }
}

extension NetRPCClient {
    /// What a server can make the client hold, and for how long. Counts are per event loop.
    public struct Limits: Sendable {
        /// One gob message, in bytes: a header, a reply.
        public var messageBytes = 1 << 20
        /// From the call to its reply, where the caller names no deadline.
        public var call: Duration = .seconds(10)
        /// For resolving the name, trying all its addresses, and the greeting of the HTTP variant.
        public var connect: Duration = .milliseconds(900)
        /// A connection without calls is kept so long.
        public var idle: Duration = .seconds(60)
        public var connections = 4
        /// A connection with so many calls in progress is given no more while another one may be made.
        public var callsPerConnection = 64
        /// Calls in progress and waiting for a connection; one more is `unavailable` at once.
        public var calls = 4096
        /// Bytes that a server has not taken; with more queued, calls are `unavailable` at once.
        public var queuedBytes = 4 << 20

        public init() {}
    }
}

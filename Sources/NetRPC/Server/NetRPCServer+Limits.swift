extension NetRPCServer {
    /// What one client can make the server hold, and for how long.
    public struct Limits: Sendable {
        /// One gob message, in bytes: a header, an argument.
        public var messageBytes = 1 << 20
        /// Calls of one connection that run at the same time; while there are so many, the connection is not read.
        public var callsPerConnection = 128
        /// One more ends the one that has been idle for longest, or is closed when none is: clients in Go tend to leave
        /// connections open that they have forgotten.
        public var connectionsPerLoop = 10_000
        /// Without a call in progress or a byte from the client. Go's own server waits for ever, and a client in Go does
        /// not connect again by itself.
        public var idle: Duration = .seconds(3600)
        /// From a message's first byte to its last, and from a call's header to its argument.
        public var messageTime: Duration = .seconds(30)
        /// How long a client may take to make room for more replies.
        public var writeStall: Duration = .seconds(30)
        /// How long a graceful shutdown waits for calls that have begun.
        public var drain: Duration = .seconds(20)

        public init() {}
    }
}

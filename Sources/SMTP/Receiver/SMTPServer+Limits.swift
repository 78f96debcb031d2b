extension SMTPServer {
    /// What the receiver takes. The times are those of RFC 5321 §4.5.3.2 unless they are shorter.
    public struct Limits: Sendable {
        /// The largest message, in bytes, as the client sends it.
        public var messageBytes = 10 << 20
        /// Messages of all connections that are being received, in bytes.
        public var bytesInProgress = 64 << 20
        /// How much of a message that is too large is read over, so that the client can be told and go on.
        public var discardedBytes = 64 << 20
        public var recipients = 100
        public var commandLine = 2048
        public var dataLine = 16 << 10
        /// Replies of 400 and more in one session.
        public var errors = 20
        /// Commands without a message among them.
        public var commandsPerMessage = 250
        public var connections = 200

        /// For the next command.
        public var commandTime: Duration = .seconds(300)
        /// For the next piece of a message.
        public var dataTime: Duration = .seconds(180)
        /// For a message as a whole.
        public var messageTime: Duration = .seconds(600)
        /// For a client to take a reply.
        public var writeTime: Duration = .seconds(60)
        /// How long a connection that ended in an error is read, so that the last reply arrives.
        public var linger: Duration = .seconds(2)
        /// How long a graceful end waits for messages that are being received.
        public var drain: Duration = .seconds(20)

        public init() {}
    }
}

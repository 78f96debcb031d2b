extension HTTPServer {
    /// What one client can make the server hold, and for how long. Over a limit: 408, 413, 414, 431 or 503, and the
    /// connection is closed.
    public struct Limits: Sendable {
        public var head = HTTPHeadLimits()
        /// More are answered with 503.
        public var connectionsPerLoop = 10_000
        /// From the connection to the first byte of a request.
        public var firstByte: Duration = .seconds(15)
        /// From the first byte of a TLS handshake to its end.
        public var handshake: Duration = .seconds(10)
        /// From the first byte of a head to its last, however busily the bytes drip.
        public var headTime: Duration = .seconds(10)
        /// Between two requests on one connection.
        public var idle: Duration = .seconds(75)
        /// The body's bytes, where the route does not say otherwise.
        public var bodyBytes = 1 << 20
        /// Without a byte of the body while the handler waits for one.
        public var bodyPause: Duration = .seconds(15)
        /// A body must keep up with this many bytes a second after ``bodyGrace``.
        public var bodyRate = 1 << 10
        public var bodyGrace: Duration = .seconds(30)
        /// How long a client may take to make room for more of a response.
        public var writeStall: Duration = .seconds(30)
        /// After an answer that ends the connection: how much, and for how long, is still read and thrown away so that
        /// the client gets to see the answer and no reset.
        public var lingerBytes = 1 << 20
        public var linger: Duration = .seconds(2)
        /// How long a graceful shutdown waits for requests that have begun.
        public var drain: Duration = .seconds(20)

        /// Whether a client may begin with HTTP/2.
        public var http2IsEnabled = true
        public var http2 = HTTP2Limits()

        public init() {}
    }
}

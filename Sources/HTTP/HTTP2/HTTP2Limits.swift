/// What one HTTP/2 connection may make this side hold and do, server or client.
public struct HTTP2Limits: Sendable {
    /// Something that may happen `burst` times at once, and `perSecond` times a second for ever.
    public struct Budget: Sendable {
        public var burst: Int
        public var perSecond: Int

        public init(burst: Int, perSecond: Int) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    /// Streams that the peer may have open, and handlers that may run for it: a stream that was reset counts until its
    /// handler has returned. One more is refused, which is safe to try again.
    public var concurrentStreams = 250
    /// Bytes of a body that may arrive before anybody has read them, for each stream and for all of them together.
    public var streamWindow = 256 << 10
    public var connectionWindow = 1 << 20
    /// Bytes that the peer's HPACK table may take (RFC 7541 §4.2).
    public var headerTable = 4 << 10
    /// Frames that may continue a header block (RFC 9113 §6.10).
    public var continuations = 8
    /// Bytes of answers that wait for room in the peer's windows. Beyond them no further request is begun.
    public var queuedOutput = 1 << 20
    /// Streams that the peer resets before they have been answered (CVE-2023-44487), or makes this side reset
    /// (CVE-2025-8671). Over it: GOAWAY with ENHANCE_YOUR_CALM.
    public var resets = Budget(burst: 1000, perSecond: 100)
    /// Frames that cost the sender little and move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, empty DATA and
    /// unknown ones. Those that go with traffic are not counted: each frame of a body, in or out, earns some.
    public var controlFrames = Budget(burst: 2000, perSecond: 200)
    /// A connection on which nothing has arrived for this long is asked whether the peer is there; nil: never.
    public var keepalive: Duration?
    /// How long the answer to that may take, and the first acknowledgement of the settings, before the connection is
    /// given up.
    public var keepaliveTimeout: Duration = .seconds(20)
    /// For a client: also where no stream is open.
    public var keepaliveWithoutStreams = false

    public init() {}
}

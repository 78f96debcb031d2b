internal import CNGHTTP2
package import MartletCore
package import MartletRuntime

/// A connection to a server that speaks HTTP/2: many requests at a time, each a stream. What the client's pool and
/// gRPC's channels are made of. Confined to its loop.
///
///     let connection = try await HTTP2ClientConnection.connect(to: address, on: loop, deadline: deadline)
///     let stream = connection.begin(.post, "/logs.LogService/WriteLog", headers: headers, authority: "logger")
///     stream?.send(message); stream?.finish()
///
/// TLS goes under it: agree on `h2` with the server first, and give it the connection.
package final class HTTP2ClientConnection: @unchecked Sendable {  // Touched on its loop alone.
    package let connection: Connection
    private let session: HTTP2Session
    private let transport: HTTP2Transport
    private let limits: HTTP2Limits
    private var hasBegun = false
    private var isDraining = false

    /// Why the connection ended, where it was not in order. Set before the last call of ``onChange``.
    package private(set) var failure: ConnectionError?
    package private(set) var isClosed = false

    /// There may be room for another stream, the server goes away, or the connection is over.
    package var onChange: (() -> Void)?

    /// How long an idle connection is kept; nil: until somebody closes it.
    package var idleTimeout: Duration?

    /// - Parameters:
    ///   - stall: how long the server may keep its windows closed while something is to be sent.
    /// - Throws: `unavailable` when there is no memory for it.
    package init(
        _ connection: Connection, limits: HTTP2Limits = HTTP2Limits(), head: HTTPHeadLimits = HTTPHeadLimits(),
        stall: Duration = .seconds(60)
    ) throws(ServiceError) {
        self.connection = connection
        self.limits = limits
        guard
            let session = HTTP2Session(
                .client, limits: limits, head: head, peer: connection.peer?.description, on: connection.loop)
        else { throw ServiceError(.unavailable, "no memory for a connection") }
        self.session = session
        transport = HTTP2Transport(
            connection, session, HTTP2Transport.Times(stall: stall, linger: .seconds(1)))
    }

    /// Connects in the clear, from a task of `loop`: the server is known to speak HTTP/2.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, limits: HTTP2Limits = HTTP2Limits(), deadline: MonotonicTime
    ) async throws -> HTTP2ClientConnection {
        let made = try HTTP2ClientConnection(
            try await Connection.connect(to: address, on: loop, deadline: deadline), limits: limits)
        made.start()
        return made
    }

    /// Begins to read and to write; once.
    package func start() {
        guard !hasBegun else { return }
        hasBegun = true
        transport.onChange = { [unowned self] in onChange?() }
        transport.onTime = { [unowned self] in timePassed($0) }
        session.onStreamEnd = { [unowned self] in streamEnded() }
        Task(executorPreference: connection.loop) { [self] in
            do throws(ConnectionError) {
                try await transport.run()
            } catch {
                failure = error
            }
            isClosed = true
            connection.close()
            session.onStreamEnd = nil
            let told = onChange
            onChange = nil
            told?()
        }
    }

    // MARK: Streams

    /// Streams that are open.
    package var streamCount: Int { session.streams.count }

    /// The server has said how many streams it takes, and what else it wants.
    package var hasSettings: Bool { session.state.hasSettings }

    /// New streams can be begun on it, now or when there is room.
    package var isUsable: Bool {
        !isClosed && !isDraining && !session.state.goAwayReceived && !session.state.hasFailed && !connection.isClosed
            && !connection.inputEnded
    }

    /// Room for another stream, as the server sees it.
    package var hasRoom: Bool {
        guard isUsable else { return false }
        let allowed = nghttp2_session_get_remote_settings(session.handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        return session.streams.count < min(Int(allowed), limits.concurrentStreams)
    }

    /// The server did not answer in time, or said why it goes away.
    package var peerError: HTTP2ErrorCode { session.state.peerError }

    /// Begins a request. What follows is sent with ``HTTP2Stream/send(_:)`` and ``HTTP2Stream/finish(trailers:)``.
    /// - Parameters:
    ///   - target: the path with its query; visible ASCII.
    ///   - isLast: nothing follows.
    ///   - contentLength: of the body, where it is known.
    /// - Returns: nil when there is no room for it (``hasRoom``).
    package func begin(
        _ method: HTTPMethod, _ target: UnsafeRawBufferPointer, headers: HTTPHeaders, authority: String,
        scheme: StaticString = "http", isLast: Bool = false, contentLength: Int? = nil
    ) -> HTTP2Stream? {
        guard hasRoom else { return nil }
        return session.request(
            method, target, headers, authority: authority, scheme: scheme, isLast: isLast, contentLength: contentLength)
    }

    package func begin(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders, authority: String, scheme: StaticString = "http",
        isLast: Bool = false, contentLength: Int? = nil
    ) -> HTTP2Stream? {
        var target = target
        return target.withUTF8 { target in
            begin(
                method, UnsafeRawBufferPointer(target), headers: headers, authority: authority, scheme: scheme,
                isLast: isLast, contentLength: contentLength)
        }
    }

    private func streamEnded() {
        if isDraining, session.streams.isEmpty { session.goAway() }
        onChange?()
    }

    // MARK: The end

    /// Lets the streams that are open finish, and closes.
    package func drain() {
        guard !isDraining else { return }
        isDraining = true
        if session.streams.isEmpty { session.goAway() }
    }

    /// Closes at once.
    package func close() { connection.close() }

    private func timePassed(_ now: MonotonicTime) -> MonotonicTime {
        guard let idleTimeout else { return .never }
        guard session.streams.isEmpty else { return now + idleTimeout }
        let deadline = session.lastChange + idleTimeout
        if deadline <= now { drain() }
        return max(deadline, now + .milliseconds(100))
    }
}

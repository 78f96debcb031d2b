internal import MartletCore
internal import MartletRuntime

extension HTTPResponse {
    /// A stream of server-sent events that lasts until `produce` returns or the client goes away, which cancels it.
    ///
    /// - Parameter heartbeat: how often a comment is sent, so that proxies keep the connection and a client that is
    ///   gone is noticed.
    public static func events(
        heartbeat: Duration = .seconds(15),
        _ produce: @escaping @Sendable (ServerSentEventWriter) async throws -> Void
    ) -> HTTPResponse {
        let headers: HTTPHeaders = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no",
        ]
        let body = HTTPBody.stream { writer in
            writer.cancelWhenReaderLeaves()
            let events = ServerSentEventWriter(writer)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await events.sendHeartbeats(every: heartbeat) }
                group.addTask {
                    try await produce(events)
                    throw EventsEnded()
                }
                do {
                    while try await group.next() != nil {}
                } catch is EventsEnded {
                    group.cancelAll()
                }
            }
        }
        return HTTPResponse(.ok, headers: headers, body: body)
    }
}

private struct EventsEnded: Error {}

/// Sends the events of one stream.
public final class ServerSentEventWriter: Sendable {
    private let body: any HTTPBodyWriter
    /// How many writes wait for the client. A heartbeat behind a full buffer would only make it fuller.
    private let writing = Locked(0)

    init(_ body: any HTTPBodyWriter) { self.body = body }

    /// Suspends while the client is slower; throws when it is gone.
    public func send(_ event: ServerSentEvent) async throws { try await send(contentsOf: [event]) }

    /// Sends events that are there together in one piece.
    public func send(contentsOf events: some Sequence<ServerSentEvent>) async throws {
        writing.withLock { $0 += 1 }
        defer { writing.withLock { $0 -= 1 } }
        var bytes: [UInt8] = []
        for event in events { event.encode(into: &bytes) }
        try await body.write(bytes)
    }

    public func send(data: String) async throws { try await send(ServerSentEvent(data: data)) }

    func sendHeartbeats(every interval: Duration) async throws {
        guard EventLoop.current != nil else { return }
        while !Task.isCancelled {
            try await EventLoop.sleep(until: .now + interval)
            if writing.withLock({ $0 == 0 }) { try await body.write(":\n\n") }
        }
    }
}

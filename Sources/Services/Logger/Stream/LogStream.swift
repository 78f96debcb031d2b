internal import MartletCore
internal import MartletHTTP
internal import MartletRuntime
internal import MartletWire

/// One reader who follows the log: the entries after a position, as server-sent events, each with its id. Whoever says
/// with which id they ended (`Last-Event-ID`) goes on there, after a restart of the logger too: ids are never reused.
///
/// Every entry comes from the store and nothing is queued here, so that there is nothing to overflow.
struct LogStream: Sendable {
    let store: any LogStore
    let feed: LogFeed
    let query: LogQuery
    /// The id that was seen last.
    let start: Int64
    let reader: LogFeed.Reader

    /// A reader is at most so often given what is new: 64 of them must not cost more than the writing does.
    private static let pace: Duration = .milliseconds(50)
    /// How long a reader waits before it connects again.
    private static let retry: Duration = .seconds(1)

    func send(to events: ServerSentEventWriter) async throws {
        var position = start
        // Who connects without an id and loses the connection before the first entry goes on from here, too.
        try await events.send(ServerSentEvent(data: nil, id: String(position), retry: Self.retry))
        while !feed.isOver {
            let change = feed.nextChange
            let began = MonotonicTime.now
            let stretch = try await store.stretch(query, after: position)
            if !stretch.entries.isEmpty { try await events.send(contentsOf: stretch.entries.map(Self.event)) }
            position = stretch.end
            guard !stretch.isFull else { continue }
            await change.wait()
            try await EventLoop.sleep(until: began + Self.pace)
        }
    }

    private static func event(_ entry: StoredEntry) -> ServerSentEvent {
        ServerSentEvent(data: String(decoding: JSON.encode(entry), as: UTF8.self), id: String(entry.id))
    }
}

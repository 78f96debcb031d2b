public import MartletCore
internal import MartletWire

/// The logger's operations. Each is written once; how it is reached is for whoever mounts it.
public struct LogBook: Sendable {
    let store: any LogStore
    let feed: LogFeed

    /// - Parameter feed: tells those who follow the log of new entries.
    public init(store: any LogStore, feed: LogFeed = LogFeed()) {
        self.store = store
        self.feed = feed
    }

    /// Keeps an entry. Answers when it is safe on disk.
    public var writeLog: Endpoint<LogEntry, Void> {
        Endpoint("writeLog") { [store, feed] entry in
            try await store.append(entry)
            feed.announce()
        }
    }

    /// Gives entries back, newest first.
    public var readLogs: Endpoint<LogQuery, LogPage> {
        Endpoint("readLogs") { [store] query in try await store.page(query) }
    }
}

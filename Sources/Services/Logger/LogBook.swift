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

    /// The longest idempotency key that is kept, in bytes.
    public static let keyLimit = 255

    /// Keeps an entry. Answers when it is safe on disk.
    ///
    /// With an idempotency key (`Idempotency-Key`; a message's id) the entry is kept once, however often it is sent, for
    /// as long as it is kept at all.
    public var writeLog: Endpoint<LogEntry, Void> {
        // Without a capture list, with which the compiler (6.3) makes a closure leave its caller's executor and come back.
        Endpoint("writeLog") { entry in
            let key = CallContext.current?.idempotencyKey
            if let key, key.utf8.count > Self.keyLimit {
                throw ServiceError(.invalidArgument, "an idempotency key has at most \(Self.keyLimit) bytes")
            }
            try await store.append(entry, key: key)
            feed.announce()
        }
    }

    /// Gives entries back, newest first.
    public var readLogs: Endpoint<LogQuery, LogPage> {
        Endpoint("readLogs") { query in try await store.page(query) }
    }
}

public import MartletCore
internal import MartletWire

/// The logger's operations. Each is written once; how it is reached is for whoever mounts it.
public struct LogBook: Sendable {
    private let store: any LogStore

    public init(store: any LogStore) { self.store = store }

    /// Keeps an entry. Answers when it is safe on disk.
    public var writeLog: Endpoint<LogEntry, Void> {
        Endpoint("writeLog") { [store] entry in try await store.append(entry) }
    }

    /// Gives entries back, newest first.
    public var readLogs: Endpoint<LogQuery, LogPage> {
        Endpoint("readLogs") { [store] query in try await store.page(query) }
    }
}

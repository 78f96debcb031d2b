public import MartletWire

/// Where entries are kept. The logger's own: no other service opens it.
public protocol LogStore: Sendable {
    /// Returns when the entry is safe on disk.
    func append(_ entry: LogEntry) async throws

    /// The newest first.
    func page(_ query: LogQuery) async throws -> LogPage

    /// Forgets the oldest entries that the limits have no room for.
    /// - Returns: how many went.
    func prune(_ limits: RetentionLimits) async throws -> Int

    /// What keeps the store from working, in words; nil when nothing does.
    func problem() async -> String?
}

/// What to look for. Nil and empty look for everything.
public struct LogQuery: Sendable, Hashable {
    /// At most this many entries; 1 to 1000.
    public var limit = 100
    /// Exactly this name.
    public var name: String?
    /// This text somewhere in the data, without regard to the case of ASCII letters.
    public var text: String?
    /// From this time on.
    public var since: Timestamp?
    /// Before this time.
    public var until: Timestamp?
    /// Older than the entry with this id: where the last page ended.
    public var before: Int64?

    public init() {}
}

/// How much is kept: whatever is older or more goes, the oldest first.
public struct RetentionLimits: Sendable, Hashable {
    public var age: Duration
    /// In bytes of the store.
    public var size: Int

    public init(age: Duration, size: Int) {
        self.age = age
        self.size = size
    }
}

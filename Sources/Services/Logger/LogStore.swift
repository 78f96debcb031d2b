public import MartletWire

/// Where entries are kept. The logger's own: no other service opens it.
public protocol LogStore: Sendable {
    /// Returns when the entry is safe on disk.
    /// - Parameter key: tells a repeat from a new entry: with a key that an entry has already, nothing is written. Up to
    ///   ``LogBook/keyLimit`` bytes.
    /// - Throws: `failedPrecondition` when the key is that of an entry which says something else.
    func append(_ entry: LogEntry, key: String?) async throws

    /// The newest first.
    func page(_ query: LogQuery) async throws -> LogPage

    /// The next entries after `id` that the query is for, oldest first: a hundred of them or 64 KiB of text, whichever is
    /// less, and one in any case. ``LogQuery/limit`` and ``LogQuery/before`` do not count.
    ///
    /// Ids become visible in their order: no entry appears later with an id that was passed over.
    func stretch(_ query: LogQuery, after id: Int64) async throws -> LogStretch

    /// The greatest id there is, be it of an entry that has been forgotten; 0 when there was none.
    func newestID() async throws -> Int64

    /// Forgets the oldest entries that the limits have no room for.
    /// - Returns: how many went.
    func prune(_ limits: RetentionLimits) async throws -> Int

    /// What keeps the store from working, in words; nil when nothing does.
    func problem() async -> String?
}

extension LogStore {
    /// Appends an entry that nobody repeats.
    public func append(_ entry: LogEntry) async throws { try await append(entry, key: nil) }
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

/// Some consecutive entries, oldest first.
public struct LogStretch: Sendable, Hashable {
    public var entries: [StoredEntry] = []
    /// All up to this id have been looked at: where the next stretch begins.
    public var end: Int64
    /// There was no room for more; there may be.
    public var isFull = false

    public init(entries: [StoredEntry] = [], end: Int64, isFull: Bool = false) {
        self.entries = entries
        self.end = end
        self.isFull = isFull
    }
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

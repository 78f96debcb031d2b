/// What a database has done since it was opened: for metrics.
public struct SQLiteStatistics: Sendable, Hashable {
    /// Commits that succeeded, each with one fsync.
    public var commits = 0
    /// Statements and transactions these commits carried.
    public var writes = 0
    public var largestBatch = 0
    /// Statements run a second time, because somebody else's failure undid their batch.
    public var replays = 0
    /// How long commits have taken, together.
    public var commitTime: Duration = .zero
    /// Calls that wait for their answer now, reads and writes.
    public var waiting = 0
    /// Statements that had to be compiled, because the cache did not have them.
    public var prepares = 0

    public init() {}
}

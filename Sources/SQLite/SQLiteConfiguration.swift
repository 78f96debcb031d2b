/// The limits of a database. The defaults suit a service's store.
public struct SQLiteConfiguration: Sendable {
    /// Calls that may wait for an answer at once; one more is refused with `ServiceError(.unavailable)`.
    public var queueLimit = 8192
    /// Bytes of statements and values that may wait.
    public var queueByteLimit = 64 << 20
    /// Writes that one commit carries at most. Bounds how long the first of them waits for the last.
    public var batchLimit = 512
    /// A batch is committed when it has been open for this long, however few it holds.
    public var batchTimeLimit: Duration = .milliseconds(50)
    /// How long a call waits for another process to let go of the file.
    public var busyTimeout: Duration = .seconds(2)
    /// The longest a statement runs when its caller has no earlier deadline.
    public var statementTimeLimit: Duration = .seconds(30)
    /// The longest a transaction's body may keep the database to itself.
    public var transactionTimeLimit: Duration = .seconds(10)
    /// Prepared statements that are kept, per connection.
    public var statementCacheLimit = 64
    /// The largest answer of one query, in bytes.
    public var resultByteLimit = 64 << 20
    /// The largest row, text or blob, in bytes.
    public var rowByteLimit = 16 << 20
    /// The largest the database file may grow, in bytes; nil leaves it to the disk.
    public var fileByteLimit: Int?

    /// SQLite's name of the file system that keeps the file; nil is the operating system's. For tests: another one has
    /// to make the file by itself.
    package var vfs: String?

    public init() {}
}

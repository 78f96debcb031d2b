internal import MartletSQL

/// The tables of the bus. See docs/architecture.md for what one message costs.
enum BusSchema {
    /// An id of a message is its queue's number and its place in that queue: the messages of a queue stand beside each
    /// other in the table's own tree, the first and the last are found by going down it once, and no index has to be
    /// kept up with every message that comes and goes.
    static let sequenceBits: Int64 = 40

    static func firstID(ofQueue number: Int64) -> Int64 { number << sequenceBits }
    static func lastID(ofQueue number: Int64) -> Int64 { (number + 1) << sequenceBits - 1 }

    /// So that ids stay positive.
    static let highestQueueNumber: Int64 = 1 << 22

    static let migrations = [
        Migration(
            1, "bus",
            [
                "CREATE TABLE exchanges (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
                // The counts change in the transaction that changes the messages, so that nobody ever has to count.
                """
                CREATE TABLE queues (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, \
                kind INTEGER NOT NULL, maximum_attempts INTEGER NOT NULL, message_limit INTEGER NOT NULL, \
                byte_limit INTEGER NOT NULL, messages INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0)
                """,
                """
                CREATE TABLE bindings (queue INTEGER NOT NULL REFERENCES queues (number) ON DELETE CASCADE, \
                exchange TEXT NOT NULL, pattern TEXT NOT NULL, PRIMARY KEY (queue, exchange, pattern)) WITHOUT ROWID
                """,
                // Messages that wait or are delivered for the first time. `at`: milliseconds since 1970.
                "CREATE TABLE messages (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, data BLOB NOT NULL)",
                // Those that failed, and wait for their next attempt.
                """
                CREATE TABLE delayed (id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, due INTEGER NOT NULL, \
                attempts INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL)
                """,
                "CREATE INDEX delayed_due ON delayed (queue, due, id)",
                """
                CREATE TABLE dead_letters (number INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, \
                attempts INTEGER NOT NULL, at INTEGER NOT NULL, died_at INTEGER NOT NULL, size INTEGER NOT NULL, \
                reason TEXT NOT NULL, data BLOB NOT NULL)
                """,
                "CREATE INDEX dead_letters_queue ON dead_letters (queue, number, size)",
                // What repeated publishes are known by: a row for each commit, 16 bytes a message.
                "CREATE TABLE publishes (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, ids BLOB NOT NULL)",
            ])
    ]
}

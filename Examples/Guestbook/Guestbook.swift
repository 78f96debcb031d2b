import MartletCore
import MartletSQL

/// What the book can do. How it is reached is for whoever mounts it.
struct Guestbook: Sendable {
    let database: any SQLDatabase

    static let migrations = [
        Migration(
            1, "entries",
            ["CREATE TABLE entries (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)"])
    ]

    /// Keeps an entry. Answers when it is on disk.
    var sign: Endpoint<Entry, Void> {
        Endpoint("sign") { [database] entry in
            guard !entry.name.isEmpty else { throw ServiceError(.invalidArgument, "name must not be empty") }
            try await database.execute("INSERT INTO entries (name, text) VALUES (\(entry.name), \(entry.text))")
        }
    }

    /// Gives the newest entries back, so many at most.
    var read: Endpoint<Int, EntryList> {
        Endpoint("read") { [database] limit in
            let rows = try await database.query(
                "SELECT name, text FROM entries ORDER BY id DESC LIMIT \(limit)", limit: limit)
            var list = EntryList()
            list.entries = try rows.map { row in
                var entry = Entry()
                entry.name = try row.get("name")
                entry.text = try row.get("text")
                return entry
            }
            return list
        }
    }
}

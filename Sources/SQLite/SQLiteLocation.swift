public import MartletSQL

/// Where a database is kept.
public enum SQLiteLocation: Sendable, Hashable, CustomStringConvertible {
    /// In memory, and gone when it is closed. For tests and caches.
    case memory
    /// A file; relative paths count from the working directory.
    case file(path: String)

    /// Reads `sqlite:PATH` (`sqlite:data/users.db`, `sqlite:/var/lib/users.db`, `sqlite:///var/lib/users.db`) or
    /// `sqlite::memory:`.
    public init(dsn: String) throws(SQLError) {
        let scheme = "sqlite:"
        guard dsn.hasPrefix(scheme) else {
            throw SQLError(.usage, "A SQLite DSN begins with \"sqlite:\", as sqlite:data/users.db or sqlite::memory:.")
        }
        var path = dsn.dropFirst(scheme.count)
        if path == ":memory:" {
            self = .memory
            return
        }
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            guard path.hasPrefix("/") else {
                throw SQLError(.usage, "A SQLite DSN has no host: write sqlite:PATH, or sqlite:///PATH.")
            }
        }
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw SQLError(.usage, "The SQLite DSN names no file: write sqlite:PATH, or sqlite::memory:.")
        }
        guard !path.utf8.contains(0) else {
            throw SQLError(.usage, "The SQLite DSN holds a NUL character, which no file name can.")
        }
        guard !path.contains("?") else {
            throw SQLError(.usage, "A SQLite DSN takes no parameters after \"?\": the settings are the program's.")
        }
        self = .file(path: String(path))
    }

    public var description: String {
        switch self {
        case .memory: ":memory:"
        case .file(let path): path
        }
    }
}

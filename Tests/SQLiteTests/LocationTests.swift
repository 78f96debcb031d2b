import MartletSQL
import MartletSQLite
import Testing

@Suite("A SQLite DSN")
struct LocationTests {
    @Test(
        "names a file or memory",
        arguments: [
            ("sqlite::memory:", .memory), ("sqlite:users.db", .file(path: "users.db")),
            ("sqlite:data/users.db", .file(path: "data/users.db")), ("sqlite:/var/u.db", .file(path: "/var/u.db")),
            ("sqlite:///var/u.db", .file(path: "/var/u.db")),
        ] as [(String, SQLiteLocation)])
    func accepted(_ dsn: String, _ location: SQLiteLocation) throws {
        #expect(try SQLiteLocation(dsn: dsn) == location)
    }

    @Test(
        "that names nothing, a host, a folder or parameters is refused",
        arguments: [
            "", "sqlite", "sqlite:", "users.db", "postgres://a/b", "sqlite://host/path", "sqlite:data/", "sqlite:a\0b",
            "sqlite:users.db?mode=memory", "sqlite://",
        ])
    func refused(_ dsn: String) {
        let error = #expect(throws: SQLError.self) { try SQLiteLocation(dsn: dsn) }
        #expect(error?.kind == .usage)
    }
}

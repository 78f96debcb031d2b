internal import CSQLite

/// SQLite itself on a simulated disk, without the driver: to look at what the driver left, and to show what other
/// settings lose. Stays on its thread.
package final class RawConnection {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private let handle: OpaquePointer
    private let disk: SimulatedDisk

    package init(_ disk: SimulatedDisk, _ path: String = SimulatedDisk.store) throws {
        self.disk = disk
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, disk.vfs)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw Failure(description: "cannot open \(path): \(code)")
        }
        handle = opened
        sqlite3_busy_timeout(handle, 2000)
    }

    deinit { sqlite3_close_v2(handle) }

    package func run(_ sql: String) throws { _ = try strings(sql) }

    /// The first column of every row.
    package func strings(_ sql: String) throws -> [String] {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
        var found: [String] = []
        while true {
            let code = sqlite3_step(statement)
            guard code == SQLITE_ROW else {
                try check(code)
                return found
            }
            found.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
        }
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK || code == SQLITE_DONE else {
            throw Failure(description: String(cString: sqlite3_errmsg(handle)))
        }
    }
}

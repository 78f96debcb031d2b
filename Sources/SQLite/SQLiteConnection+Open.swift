internal import CSQLite
internal import MartletCore
internal import MartletSQL

extension SQLiteConnection {
    enum Role {
        case writer
        case reader
    }

    func configure(
        _ handle: OpaquePointer, role: Role, isFile: Bool, _ configuration: SQLiteConfiguration
    ) throws(SQLError) {
        // What a damaged or hostile file could use against the process, and what hides mistakes, is off.
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] as [(Int32, Int32)] {
            martlet_sqlite3_set_flag(handle, option, value)
        }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: configuration.rowByteLimit))
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)

        // SQLite opens what it may not write for reading, and would fail with the first write.
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            throw SQLError(.readOnly, "\(location) cannot be written: check who owns the file, and the mount.")
        }
        watch.patience = .now + configuration.busyTimeout
        // The first statement that reads the file: what is not a database, and a file cut short, fail here.
        try drive("PRAGMA schema_version")
        try drive("PRAGMA cell_size_check = ON")
        try drive("PRAGMA foreign_keys = ON")
        if isFile {
            let mode: String = try drive("PRAGMA journal_mode = WAL").first?.get(0) ?? ""
            guard mode == "wal" else {
                throw SQLError(
                    .cannotOpen, "\(location) is on a file system without shared memory, which SQLite's WAL needs.")
            }
            // FULL: every commit waits until the disk has it. Anything less would answer before it is kept.
            try drive("PRAGMA synchronous = FULL")
            // 1000 pages (4 MiB) of log are copied back by the commit that reaches them; what a large transaction left
            // on top is cut off then.
            try drive("PRAGMA wal_autocheckpoint = 1000")
            try drive("PRAGMA journal_size_limit = 67108864")
        }
        switch role {
        case .writer:
            if let limit = configuration.fileByteLimit {
                let pageSize: Int = try drive("PRAGMA page_size").first?.get(0) ?? 4096
                try drive("PRAGMA max_page_count = \(max(2, limit / max(512, pageSize)))")
            }
        case .reader:
            try drive("PRAGMA query_only = ON")
        }
        watch.patience = .never
    }

    /// Copies the log back into the database and cuts it to nothing, as far as other processes let it.
    func checkpoint() {
        watch.patience = .now
        _ = try? drive("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}

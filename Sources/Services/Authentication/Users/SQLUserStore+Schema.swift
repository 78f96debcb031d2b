internal import MartletSQL

extension SQLUserStore {
    /// The schema in SQLite's SQL. The columns are the original's (contracts, course A.4); what is different: nothing
    /// is NULL, and an address belongs to one user, whatever its case.
    ///
    /// `AUTOINCREMENT`, because an id that somebody else had before is still in old logs. The seed row is written into
    /// an empty table alone, so that a table that was there before is taken over as it is.
    static let migrations = [
        Migration(
            1, "users",
            [
                """
                CREATE TABLE IF NOT EXISTS users (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    email VARCHAR(255) NOT NULL,
                    first_name VARCHAR(255) NOT NULL DEFAULT '',
                    last_name VARCHAR(255) NOT NULL DEFAULT '',
                    password VARCHAR(60) NOT NULL,
                    user_active INTEGER NOT NULL DEFAULT 0,
                    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
                    updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
                )
                """,
                "CREATE UNIQUE INDEX users_email_key ON users (lower(email))",
                "CREATE INDEX users_last_name ON users (last_name, id)",
                """
                INSERT INTO users
                    (id, email, first_name, last_name, password, user_active, created_at, updated_at)
                SELECT 2, 'admin@example.com', 'Admin', 'User',
                    '$2a$12$1zGLuYDDNvATh4RA4avbKuheAMpb1svexSzrQm7up.bnpwQHs0jNe', 1,
                    '2022-03-14 00:00:00', '2022-03-14 00:00:00'
                WHERE NOT EXISTS (SELECT 1 FROM users)
                """,
            ])
    ]
}

internal import MartletCore
internal import MartletSQL
internal import MartletWire

/// The users in an SQL database. The statements are what SQLite and PostgreSQL share; only the schema is the engine's
/// own: see ``migrations``.
struct SQLUserStore: UserStore {
    let database: any SQLDatabase
    /// The longest a query takes, as in the original.
    var timeout: Duration = .seconds(3)
    var now: @Sendable () -> Timestamp = { .now }

    func account(email: String) async throws -> Account? {
        let row = try await answered {
            try await database.single(
                """
                SELECT id, email, first_name, last_name, user_active, created_at, updated_at, password \
                FROM users WHERE lower(email) = lower(\(email))
                """)
        }
        guard let row else { return nil }
        do {
            return Account(user: try Self.user(in: row), passwordHash: try row.get("password"))
        } catch {
            // Names the column and the type, never the value.
            throw UnreadableUser(description: error.message)
        }
    }

    func user(id: Int) async throws -> User? {
        try await user(
            """
            SELECT id, email, first_name, last_name, user_active, created_at, updated_at FROM users WHERE id = \(id)
            """)
    }

    func user(email: String) async throws -> User? {
        try await user(
            """
            SELECT id, email, first_name, last_name, user_active, created_at, updated_at \
            FROM users WHERE lower(email) = lower(\(email))
            """)
    }

    private func user(_ statement: SQLStatement) async throws -> User? {
        try await answered {
            try await database.single(statement).map(Self.user(in:))
        }
    }

    func users(after position: UserPosition?, limit: Int) async throws -> [User] {
        var statement: SQLStatement = """
            SELECT id, email, first_name, last_name, user_active, created_at, updated_at FROM users
            """
        if let position {
            statement.append(" WHERE (last_name, id) > (\(position.lastName), \(position.id))")
        }
        statement.append(" ORDER BY last_name, id LIMIT \(limit)")
        let query = statement
        return try await answered {
            try await database.query(query, limit: limit).map(Self.user(in:))
        }
    }

    func insert(_ details: UserDetails, passwordHash: String) async throws -> Int {
        let time = Self.text(now())
        let id: Int? = try await answered {
            try await database.execute(
                """
                INSERT INTO users (email, first_name, last_name, password, user_active, created_at, updated_at) \
                VALUES (\(details.email), \(details.firstName), \(details.lastName), \(passwordHash), \
                \(details.active), \(time), \(time)) RETURNING id
                """
            ).rows.first?.get("id")
        }
        guard let id else { throw ServiceError(.internal, "internal error") }
        return id
    }

    func update(id: Int, to details: UserDetails) async throws -> User? {
        let time = Self.text(now())
        return try await answered {
            try await database.execute(
                """
                UPDATE users SET email = \(details.email), first_name = \(details.firstName), \
                last_name = \(details.lastName), user_active = \(details.active), updated_at = \(time) \
                WHERE id = \(id) \
                RETURNING id, email, first_name, last_name, user_active, created_at, updated_at
                """
            ).rows.first.map(Self.user(in:))
        }
    }

    func delete(id: Int) async throws -> Bool {
        try await answered {
            try await database.transaction { transaction in
                try await transaction.execute("DELETE FROM sessions WHERE user_id = \(id)")
                return try await transaction.execute("DELETE FROM users WHERE id = \(id)").changes > 0
            }
        }
    }

    func setPasswordHash(_ hash: String, ofUser id: Int) async throws -> Bool {
        let time = Self.text(now())
        return try await answered {
            try await database.transaction { transaction in
                // Whoever signed in with the old password has to know the new one.
                try await transaction.execute("DELETE FROM sessions WHERE user_id = \(id)")
                return try await transaction.execute(
                    "UPDATE users SET password = \(hash), updated_at = \(time) WHERE id = \(id)"
                ).changes > 0
            }
        }
    }

    // MARK: Rows and errors

    private static func user(in row: SQLRow) throws(SQLError) -> User {
        User(
            id: try row.get("id"), email: try row.get("email"), firstName: try row.get("first_name"),
            lastName: try row.get("last_name"), active: try row.get("user_active"),
            createdAt: try time(row, "created_at"), updatedAt: try time(row, "updated_at"))
    }

    /// `2022-03-14 00:00:00`, with up to six fraction digits: how PostgreSQL writes a timestamp without time zone, and
    /// how SQLite's own functions do. Always UTC.
    private static func time(_ row: SQLRow, _ column: String) throws(SQLError) -> Timestamp {
        let text: String = try row.get(column)
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Timestamp("\(parts[0])T\(parts[1])Z") else {
            throw SQLError(.schema, "Column \"\(column)\" holds a text that is no time.")
        }
        return time
    }

    private static func text(_ time: Timestamp) -> String {
        let microseconds = Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds / 1000 * 1000)
        return String(microseconds.description.dropLast().map { $0 == "T" ? " " : $0 })
    }

    /// Runs `body` within the time limit, and turns the store's errors into what a caller may see.
    private func answered<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let context = CallContext.current ?? CallContext(trace: .root(isSampled: false))
        do {
            return try await CallContext.$current.withValue(context.limited(to: .now + timeout)) {
                try await body()
            }
        } catch let error as SQLError where error.constraint?.rule == .unique {
            throw ServiceError(.alreadyExists, "there is a user with this e-mail address already")
        } catch let error as SQLError {
            let visible = error.serviceError
            // An internal error keeps its text, for the log alone: the default stack hides it from the caller.
            if visible.code == .internal { throw error }
            throw visible
        }
    }
}

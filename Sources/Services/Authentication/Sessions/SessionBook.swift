internal import MartletCore
internal import MartletKit
internal import MartletMessaging
internal import MartletSQL

/// Who is signed in. A session begins with a good login and ends with a sign-out, a new login in its place, its time, or
/// a change of the user's password.
///
/// What others are told of it goes into the outbox in the same transaction: neither a login nor a sign-out waits for the
/// bus, or can fail with it, and each is told of once.
struct SessionBook: Sendable {
    let database: any SQLDatabase
    let outbox: Outbox
    let lifetime: Duration
    var now: @Sendable () -> WallTime = { .now }

    /// A user's further sessions end the oldest.
    static let limit = 64
    /// The longest that the store may take.
    private static let patience: Duration = .seconds(3)

    /// Times are milliseconds since 1970.
    static func migrations(from number: Int) -> [Migration] {
        [
            Migration(
                number, "sessions",
                [
                    """
                    CREATE TABLE sessions (token_hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL, \
                    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL) WITHOUT ROWID
                    """,
                    "CREATE INDEX sessions_user ON sessions (user_id, created_at)",
                    "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
                ]),
            Outbox.migration(number + 1),
        ]
    }

    /// Begins a session for a user who has just proved who they are. Returns when it is on disk.
    /// - Parameter former: the session that the same browser had: it ends.
    func begin(for user: User, replacing former: SessionToken?) async throws -> SessionToken {
        let token = SessionToken()
        let time = milliseconds
        let expiry = time + lifetime.wholeNanoseconds / 1_000_000
        let event = BusMessage(routingKey: "log.INFO", json: LoginEntry(email: user.email))
        try await written { transaction in
            if let former {
                try await transaction.execute("DELETE FROM sessions WHERE token_hash = \(former.hash)")
            }
            try await transaction.execute(
                """
                INSERT INTO sessions (token_hash, user_id, created_at, expires_at) \
                VALUES (\(token.hash), \(user.id), \(time), \(expiry))
                """)
            try await transaction.execute(
                """
                DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions \
                WHERE user_id = \(user.id) ORDER BY created_at DESC, token_hash LIMIT 1000 OFFSET \(Self.limit))
                """)
            try await outbox.add(event, to: CourseBus.logs, in: transaction)
        }
        return token
    }

    /// Ends a session, and has a mail sent to its user. Returns when that is on disk.
    /// - Returns: whether there was such a session.
    func end(_ token: SessionToken) async throws -> Bool {
        let time = now()
        return try await written { transaction in
            let ended = try await transaction.execute(
                """
                DELETE FROM sessions WHERE token_hash = \(token.hash) RETURNING user_id, expires_at
                """
            ).rows.first
            guard let ended, try ended.get(1) > time.nanoseconds / 1_000_000 else { return false }
            let user = try await transaction.single(
                """
                SELECT coalesce(email, ''), coalesce(first_name, '') FROM users \
                WHERE id = \(try ended.get(0, as: Int.self))
                """)
            // The user may have been deleted meanwhile: then there is nobody to write to.
            guard let user else { return true }
            let email: String = try user.get(0)
            guard !email.isEmpty else { return true }
            let mail = SignedOutMail(to: email, name: try user.get(1), at: time)
            try await outbox.add(
                BusMessage(routingKey: "mail.send", json: mail), to: CourseBus.mails, in: transaction)
            return true
        }
    }

    /// Forgets sessions whose time is over.
    /// - Returns: how many went.
    func prune() async throws -> Int {
        var pruned = 0
        while true {
            let step = try await database.execute(
                """
                DELETE FROM sessions WHERE token_hash IN \
                (SELECT token_hash FROM sessions WHERE expires_at <= \(milliseconds) LIMIT 1000)
                """
            ).changes
            pruned += step
            if step < 1000 { return pruned }
        }
    }

    private var milliseconds: Int64 { now().nanoseconds / 1_000_000 }

    private func written<Value: Sendable>(
        _ body: @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        let context = CallContext.current ?? CallContext(trace: .root(isSampled: false))
        let value = try await CallContext.$current.withValue(context.limited(to: .now + Self.patience)) {
            try await database.transaction(body)
        }
        outbox.wake()
        return value
    }
}

/// Forgets old sessions: at the start, then every minute.
struct SessionJanitor: Service {
    let name = "session janitor"
    let sessions: SessionBook
    let logger: Logger

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        repeat {
            do {
                _ = try await sessions.prune()
            } catch {
                logger.warning("old sessions were not removed: \(error)")
            }
        } while await !signal.wait(atMost: .seconds(60)) && !Task.isCancelled
    }
}

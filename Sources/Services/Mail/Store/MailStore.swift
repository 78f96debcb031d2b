internal import MartletCore
internal import MartletSMTP
internal import MartletSQL

/// The mails of a service, in an SQL table that is mailbox and queue in one, so that a mail is accepted by one write.
struct MailStore: Sendable {
    let database: any SQLDatabase
    let clock: @Sendable () -> Int64
    /// How many mails one search looks at: each may be 64 KiB of text.
    var searchDepth = 5000

    static let migrations = [
        Migration(
            1, "mails",
            [
                // Ids are never used again, so that a cursor cannot come to stand for another mail. The source comes
                // last: whoever reads the columns before it does not read its pages.
                """
                CREATE TABLE mails (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at BIGINT NOT NULL, \
                state TEXT NOT NULL, claimed BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0, \
                next_try BIGINT, last_error TEXT, message_id TEXT NOT NULL, sender TEXT NOT NULL, \
                recipients TEXT NOT NULL, author TEXT NOT NULL, subject TEXT NOT NULL, size BIGINT NOT NULL, \
                text TEXT NOT NULL, source BLOB NOT NULL)
                """,
                "CREATE INDEX mails_due ON mails (next_try) WHERE state = 'queued'",
                "CREATE INDEX mails_created_at ON mails (created_at)",
                "CREATE TABLE mail_keys (key TEXT PRIMARY KEY, mail BIGINT NOT NULL, created_at BIGINT NOT NULL)",
                "CREATE INDEX mail_keys_created_at ON mail_keys (created_at)",
            ])
    ]

    /// Takes over an open database and brings its schema up to date.
    /// - Parameter clock: nanoseconds since 1970.
    init(
        _ database: any SQLDatabase, clock: @escaping @Sendable () -> Int64 = { WallTime.now.nanoseconds }
    ) async throws {
        try await database.migrate(Self.migrations)
        self.database = database
        self.clock = clock
    }

    /// Not interpolated: what every request does should not put its statement together each time.
    private static let insertion = """
        INSERT INTO mails (created_at, state, next_try, message_id, sender, recipients, author, subject, size, text, \
        source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id
        """

    /// Keeps a mail. Returns when it is safe on disk.
    /// - Parameter key: a mail with a key that has been seen is not kept again.
    /// - Returns: the mail's id, of the first one where the key has been seen, and whether it is a new one.
    func add(
        _ mail: NewMail, state: MailState, key: String? = nil
    ) async throws -> (id: Int64, isNew: Bool) {
        let now = clock()
        let statement = SQLStatement(
            Self.insertion,
            [
                .integer(now), .text(state.rawValue), state == .queued ? .integer(now) : .null, .text(mail.messageID),
                .text(mail.envelope.sender.map { "\($0)" } ?? ""),
                .text(mail.envelope.recipients.map { "\($0)" }.joined(separator: "\n")), .text(mail.author),
                .text(mail.subject), .integer(Int64(mail.source.count)), .text(mail.text), .blob(mail.source),
            ])
        guard let key else { return (try Self.id(try await database.execute(statement)), true) }
        return try await database.transaction { transaction in
            let isNew =
                try await transaction.execute(
                    "INSERT INTO mail_keys (key, mail, created_at) VALUES (\(key), 0, \(now)) ON CONFLICT DO NOTHING"
                ).changes == 1
            guard isNew else {
                let row = try await transaction.single("SELECT mail FROM mail_keys WHERE key = \(key)")
                return (try row?.get(0) ?? 0, false)
            }
            let id = try Self.id(try await transaction.execute(statement))
            try await transaction.execute("UPDATE mail_keys SET mail = \(id) WHERE key = \(key)")
            return (id, true)
        }
    }

    private static func id(_ result: SQLResult) throws -> Int64 { try result.rows.first?.get(0) ?? 0 }

    func problem() async -> String? {
        do {
            _ = try await database.single("SELECT 1")
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// A mail to be kept.
struct NewMail: Sendable {
    /// Without its angle brackets; empty when there is none.
    var messageID: String
    var envelope: SMTPEnvelope
    /// From whom it says that it is.
    var author: String
    var subject: String
    /// The beginning of its text, to be searched.
    var text: String
    /// As it is sent, or was received.
    var source: [UInt8]

    /// In bytes, of what the list shows.
    private static let fieldLimit = 2000
    private static let textLimit = 64 << 10

    /// What is longer than there is room for is cut; the source has it all.
    init(
        messageID: String, envelope: SMTPEnvelope, author: String, subject: String, text: String, source: [UInt8]
    ) {
        self.messageID = Self.cut(messageID, Self.fieldLimit)
        self.envelope = envelope
        self.author = Self.cut(author, Self.fieldLimit)
        self.subject = Self.cut(subject, Self.fieldLimit)
        self.text = Self.cut(text, Self.textLimit)
        self.source = source
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }
}

/// What becomes of a mail.
enum MailState: String, Sendable, Hashable, CaseIterable {
    /// The mailbox was the end of its way.
    case kept
    /// Waits to be handed to the mail server.
    case queued
    /// The mail server has it.
    case sent
    /// It could not be delivered, and will not be tried again by itself.
    case dead
}

internal import MartletCore
internal import MartletSQL
internal import MartletSQLite
internal import MartletWire

/// What to look for. Nil and empty look for everything.
struct MailQuery: Sendable, Hashable {
    /// At most this many; 1 to 500.
    var limit = 50
    /// In the sender's name or address, without regard to the case of ASCII letters; so are `to` and `text`.
    var from: String?
    /// In one of the recipients' addresses.
    var to: String?
    /// In the subject, or in the first 64 KiB of the text.
    var text: String?
    var state: MailState?
    /// Older than the mail with this id: where the last page ended.
    var before: Int64?

    init() {}

    /// Mails have to be looked at that may not be in the answer.
    var isSearch: Bool {
        [from, to, text].contains { $0?.isEmpty == false } || state != nil
    }
}

extension MailStore {
    private static let columns =
        "id, message_id, sender, recipients, author, subject, size, created_at, state, attempts, next_try, last_error"

    /// The newest first. A page for which something is looked for comes from ``searchDepth`` mails at most: it may have
    /// fewer than fit, or none, and still say where the next one begins.
    func page(_ query: MailQuery) async throws -> MailPage {
        let limit = min(max(query.limit, 1), 500)
        let end = query.isSearch ? try await searchEnd(query) : nil
        var statement = SQLStatement("SELECT \(Self.columns) FROM mails WHERE 1 = 1", [])
        if let from = query.from, !from.isEmpty {
            let pattern = Self.pattern(containing: from)
            statement.append(" AND (author LIKE \(pattern) ESCAPE '\\' OR sender LIKE \(pattern) ESCAPE '\\')")
        }
        if let to = query.to, !to.isEmpty {
            statement.append(" AND recipients LIKE \(Self.pattern(containing: to)) ESCAPE '\\'")
        }
        if let text = query.text, !text.isEmpty {
            let pattern = Self.pattern(containing: text)
            statement.append(" AND (subject LIKE \(pattern) ESCAPE '\\' OR text LIKE \(pattern) ESCAPE '\\')")
        }
        if let state = query.state { statement.append(" AND state = \(state.rawValue)") }
        if let before = query.before { statement.append(" AND id < \(before)") }
        if let end { statement.append(" AND id > \(end)") }
        statement.append(" ORDER BY id DESC LIMIT \(limit + 1)")
        let rows = try await database.query(statement, limit: limit + 1)
        var page = MailPage()
        page.messages = try rows.prefix(limit).map(Self.summary)
        if rows.count > limit, let last = page.messages.last {
            page.next = String(last.id)
        } else if let end {
            page.next = String(end + 1)
        }
        return page
    }

    /// The first mail that a search does not look at any more; nil when there are not that many.
    private func searchEnd(_ query: MailQuery) async throws -> Int64? {
        let before = query.before ?? Int64.max
        let statement: SQLStatement =
            "SELECT id FROM mails WHERE id < \(before) ORDER BY id DESC LIMIT 1 OFFSET \(searchDepth)"
        return try await database.single(statement)?.get(0)
    }

    /// One mail, without its source.
    func summary(_ id: Int64) async throws -> MailSummary? {
        let statement = SQLStatement("SELECT \(Self.columns) FROM mails WHERE id = $1", [.integer(id)])
        return try await database.single(statement).map(Self.summary)
    }

    func source(_ id: Int64) async throws -> [UInt8]? {
        guard let row = try await database.single("SELECT source FROM mails WHERE id = \(id)"),
            case .blob(let source) = try row.get(0, as: SQLValue.self)
        else { return nil }
        return source
    }

    private static func summary(_ row: SQLRow) throws -> MailSummary {
        var mail = MailSummary()
        mail.id = try row.get(0)
        mail.messageID = try row.get(1)
        mail.sender = try row.get(2)
        let recipients: String = try row.get(3)
        mail.to = recipients.split(separator: "\n").map(String.init)
        mail.from = try row.get(4)
        mail.subject = try row.get(5)
        mail.size = try row.get(6)
        mail.createdAt = time(try row.get(7))
        mail.state = try row.get(8)
        mail.attempts = try row.get(9)
        mail.nextTry = try row.get(10, as: Int64?.self).map(time)
        mail.lastError = try row.get(11)
        return mail
    }

    private static func time(_ nanoseconds: Int64) -> Timestamp {
        Timestamp(
            seconds: nanoseconds / 1_000_000_000, nanoseconds: Int32(truncatingIfNeeded: nanoseconds % 1_000_000_000))
    }

    /// `%`, `_` and `\` mean themselves.
    private static func pattern(containing text: String) -> String {
        var pattern = "%"
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }

    // MARK: Deleting

    /// - Returns: the mail's size and state; nil when there is none.
    func delete(_ id: Int64) async throws -> (size: Int, state: MailState)? {
        let rows = try await database.execute("DELETE FROM mails WHERE id = \(id) RETURNING size, state").rows
        return try rows.first.map { row in
            (try row.get(0), MailState(rawValue: try row.get(1)) ?? .kept)
        }
    }

    /// Deletes everything but what waits to be delivered.
    func deleteAll() async throws -> Int {
        var deleted = 0
        // In steps: one large deletion would hold up everybody who writes.
        while true {
            let changes = try await database.execute(
                "DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE state <> 'queued' ORDER BY id LIMIT 500)"
            ).changes
            deleted += changes
            if changes < 500 { return deleted }
        }
    }

    /// Forgets the oldest mails that the limits have no room for; what waits to be delivered stays.
    /// - Returns: how many went.
    func prune(_ limits: MailRetentionLimits) async throws -> Int {
        let oldest = clock() - limits.age.wholeNanoseconds
        try await database.execute("DELETE FROM mail_keys WHERE created_at < \(oldest)")
        var pruned = 0
        while true {
            let changes = try await database.execute(
                """
                DELETE FROM mails WHERE id IN (SELECT id FROM mails \
                WHERE created_at < \(oldest) AND state <> 'queued' ORDER BY created_at LIMIT 500)
                """
            ).changes
            pruned += changes
            if changes < 500 { break }
        }
        // One, two, four …: mails differ in size, and no more of them should go than have to.
        var step = 1
        while try await database.storedBytes() > limits.size {
            let changes = try await database.execute(
                """
                DELETE FROM mails WHERE id IN \
                (SELECT id FROM mails WHERE state <> 'queued' ORDER BY id LIMIT \(step))
                """
            ).changes
            pruned += changes
            if changes == 0 { break }
            step = min(step * 2, 500)
        }
        return pruned
    }
}

/// How much is kept: whatever is older or more goes, the oldest first.
struct MailRetentionLimits: Sendable, Hashable {
    var age: Duration
    /// In bytes of the store.
    var size: Int
}

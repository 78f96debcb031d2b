internal import MartletCore
internal import MartletSMTP
internal import MartletSQL

/// A mail whose delivery somebody has taken on.
struct ClaimedMail: Sendable {
    var id: Int64
    var envelope: SMTPEnvelope
    /// This one included.
    var attempts: Int
    var createdAt: Int64
    var source: [UInt8]
}

/// The queue. A claim is on disk before the attempt, and so is the attempt's number: a process that dies of a mail does
/// not die of it for ever.
extension MailStore {
    /// Takes on the mail that has been due the longest, if one is.
    /// - Parameter lease: after this time the claim is void, should its holder not come back.
    func claim(for lease: Duration) async throws -> ClaimedMail? {
        let now = clock()
        let rows = try await database.execute(
            """
            UPDATE mails SET claimed = 1, attempts = attempts + 1, next_try = \(now + lease.wholeNanoseconds) \
            WHERE id = (SELECT id FROM mails WHERE state = 'queued' AND next_try <= \(now) ORDER BY next_try LIMIT 1) \
            RETURNING id, sender, recipients, attempts, created_at, source
            """
        ).rows
        guard let row = rows.first, case .blob(let source) = try row.get(5, as: SQLValue.self) else { return nil }
        let sender: String = try row.get(1)
        let recipients: String = try row.get(2)
        return ClaimedMail(
            id: try row.get(0),
            envelope: SMTPEnvelope(
                sender: sender.isEmpty ? nil : try MailAddress(sender),
                recipients: try recipients.split(separator: "\n").map { try MailAddress($0) }),
            attempts: try row.get(3), createdAt: try row.get(4), source: source)
    }

    /// The mail server has it.
    /// - Returns: false when the mail no longer waits: somebody deleted it meanwhile.
    func delivered(_ id: Int64) async throws -> Bool {
        try await database.execute(
            """
            UPDATE mails SET state = 'sent', claimed = 0, next_try = NULL, last_error = NULL \
            WHERE id = \(id) AND state = 'queued'
            """
        ).changes == 1
    }

    /// The attempt failed.
    /// - Parameter wait: until the next one; nil when there is none, and the mail is a dead letter.
    /// - Returns: false when the mail no longer waits.
    func failed(_ id: Int64, because reason: String, retryIn wait: Duration?) async throws -> Bool {
        let next = wait.map { clock() + $0.wholeNanoseconds }
        return try await database.execute(
            """
            UPDATE mails SET state = \(next == nil ? "dead" : "queued"), claimed = 0, next_try = \(next), \
            last_error = \(reason) WHERE id = \(id) AND state = 'queued'
            """
        ).changes == 1
    }

    /// Voids the claims of a process that has ended: this one is the only one that has the file.
    func releaseClaims() async throws {
        try await database.execute("UPDATE mails SET claimed = 0, next_try = \(clock()) WHERE claimed = 1")
    }

    /// When the next mail is due; nil when none waits.
    func nextDue() async throws -> Duration? {
        let next: Int64? = try await database.single("SELECT min(next_try) FROM mails WHERE state = 'queued'")?.get(0)
        return next.map { .nanoseconds(max($0 - clock(), 0)) }
    }

    /// How many mails wait, and how many bytes they are.
    func backlog() async throws -> (count: Int, bytes: Int) {
        let row = try await database.single(
            "SELECT count(*), coalesce(sum(size), 0) FROM mails WHERE state = 'queued'")
        return (try row?.get(0) ?? 0, try row?.get(1) ?? 0)
    }

    /// Puts a dead letter back into the queue.
    /// - Returns: its size; nil when it is not a dead letter.
    func redrive(_ id: Int64) async throws -> Int? {
        let rows = try await database.execute(
            """
            UPDATE mails SET state = 'queued', attempts = 0, next_try = \(clock()) \
            WHERE id = \(id) AND state = 'dead' RETURNING size
            """
        ).rows
        return try rows.first?.get(0)
    }
}

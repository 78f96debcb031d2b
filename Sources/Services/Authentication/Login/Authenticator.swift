internal import MartletCore

/// The rule of logging in.
///
/// Whoever asks learns one thing: whether address and password belong together. An unknown address, a wrong password
/// and a broken hash give the same answer after the same work.
struct Authenticator: Sendable {
    private let store: any UserStore
    private let hasher: PasswordHasher
    private let limiter: Locked<FailureLimiter>
    private let now: @Sendable () -> MonotonicTime
    private let logger: Logger
    private let logins: Counters

    init(
        store: any UserStore, hasher: PasswordHasher, limits: FailureLimiter.Limits = FailureLimiter.Limits(),
        telemetry: Telemetry, now: @escaping @Sendable () -> MonotonicTime = { .now }
    ) {
        self.store = store
        self.hasher = hasher
        self.now = now
        limiter = Locked(FailureLimiter(limits: limits))
        logger = telemetry.logger
        logins = telemetry.metrics.counters(
            "martlet_logins_total", help: "Attempts to log in, by how they ended.", labels: ["outcome"])
    }

    /// The user whose password this is.
    ///
    /// - Throws: `unauthenticated` ("invalid credentials"); `invalidArgument` for a password that bcrypt cannot tell
    ///   from another; `resourceExhausted` after too many failures; `unavailable` when too many passwords are being
    ///   checked, or the store does not answer.
    func logIn(email: String, password: String, from address: ClientAddress) async throws -> User {
        let password = try Password(password)
        let attempt = try begin(email, address)
        let user: User?
        do {
            user = try await check(email, password)
        } catch {
            limiter.withLock { $0.cameToNothing(attempt) }
            logins.with("error").increment()
            throw error
        }
        guard let user else {
            logins.with("invalid").increment()
            throw ServiceError(.unauthenticated, "invalid credentials")
        }
        limiter.withLock { $0.succeeded(attempt) }
        logins.with("ok").increment()
        return user
    }

    private func begin(_ email: String, _ address: ClientAddress) throws -> FailureLimiter.Attempt {
        let (account, now) = (EmailAddress.folded(email), now())
        switch limiter.withLock({ $0.begin(account: account, address: address, now: now) }) {
        case .allowed(let attempt): return attempt
        case .refused(let wait):
            logins.with("limited").increment()
            throw ServiceError(
                .resourceExhausted, "too many failed logins; try again later", retryAfter: wait)
        }
    }

    /// Nil when address and password do not belong together.
    private func check(_ email: String, _ password: Password) async throws -> User? {
        let account = try await account(email)
        guard try await hasher.verify(password, against: account?.passwordHash) else { return nil }
        return account?.user
    }

    private func account(_ email: String) async throws -> Account? {
        guard EmailAddress.isPlausible(email) else { return nil }
        do {
            return try await store.account(email: email)
        } catch let error as UnreadableUser {
            logger.error("a user's row cannot be read", metadata: ["error": .describing(error)])
            return nil
        }
    }
}

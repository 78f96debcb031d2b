internal import MartletCore

/// How often a login may fail before the next one has to wait. A value: the clock is an argument.
///
/// An attempt is charged before the password is checked, or a thousand at once would all come before the first failure;
/// a success, and an attempt that came to nothing, give back what they were charged. Three meters are charged:
///
/// - **the account from this address**: the tightest, so that one guesser alone uses up nobody else's share;
/// - **the account from anywhere**: for guessers with many addresses. It is not charged for an address from which a
///   login to this account has succeeded before: whoever is at home there cannot be locked out from elsewhere;
/// - **the address**: for one guesser with many accounts.
///
/// All of them fill again with time, and being refused costs nothing more, so that no lock is for ever.
struct FailureLimiter: Sendable {
    /// So many failures at once, and one more after each interval.
    struct Rate: Sendable {
        var burst: Int
        var interval: Duration
    }

    struct Limits: Sendable {
        var accountAtAddress = Rate(burst: 5, interval: .seconds(120))
        var account = Rate(burst: 20, interval: .seconds(30))
        var address = Rate(burst: 30, interval: .seconds(10))
        /// Meters kept of each kind. The emptiest are forgotten first: to push one out takes as many failures as this.
        var capacity = 16_384

        init() {}
    }

    /// What one attempt was charged to.
    struct Attempt: Sendable {
        fileprivate let account: UInt64
        fileprivate let pair: UInt64
        fileprivate let address: UInt64
        fileprivate let isAtHome: Bool
    }

    enum Verdict: Sendable {
        case allowed(Attempt)
        /// How long until an attempt would be allowed.
        case refused(Duration)
    }

    private let limits: Limits
    private var pairs: FailureMeters
    private var accounts: FailureMeters
    private var addresses: FailureMeters
    private var homes: RecentSet

    init(limits: Limits = Limits()) {
        self.limits = limits
        pairs = FailureMeters(limits.accountAtAddress, capacity: limits.capacity)
        accounts = FailureMeters(limits.account, capacity: limits.capacity)
        addresses = FailureMeters(limits.address, capacity: limits.capacity)
        homes = RecentSet(capacity: limits.capacity)
    }

    /// Meters that are kept now, of all kinds.
    var count: Int { pairs.count + accounts.count + addresses.count }

    /// Charges an attempt, or says how long to wait.
    ///
    /// - Parameter account: what the client says it is; whether there is such an account makes no difference.
    mutating func begin(account: String, address: ClientAddress, now: MonotonicTime) -> Verdict {
        // Hashes, with the process's random seed: a key has a fixed size however long a text somebody sends.
        let accountKey = Self.key { $0.combine(account) }
        let addressKey = Self.key { $0.combine(address) }
        let pairKey = Self.key {
            $0.combine(account)
            $0.combine(address)
        }
        let isAtHome = homes.contains(pairKey)
        let wait = max(
            pairs.wait(pairKey, now), isAtHome ? .zero : accounts.wait(accountKey, now), addresses.wait(addressKey, now)
        )
        guard wait <= .zero else { return .refused(wait) }
        pairs.charge(pairKey, now)
        if !isAtHome { accounts.charge(accountKey, now) }
        addresses.charge(addressKey, now)
        return .allowed(Attempt(account: accountKey, pair: pairKey, address: addressKey, isAtHome: isAtHome))
    }

    /// The password was right: the account starts afresh. The address gets back this attempt alone, or somebody with an
    /// account of his own could go on for ever.
    mutating func succeeded(_ attempt: Attempt) {
        pairs.clear(attempt.pair)
        accounts.clear(attempt.account)
        addresses.refund(attempt.address)
        homes.insert(attempt.pair)
    }

    /// The password was never checked: the pool was full, the store did not answer, the client went away.
    mutating func cameToNothing(_ attempt: Attempt) {
        pairs.refund(attempt.pair)
        if !attempt.isAtHome { accounts.refund(attempt.account) }
        addresses.refund(attempt.address)
    }

    private static func key(_ combine: (inout Hasher) -> Void) -> UInt64 {
        var hasher = Hasher()
        combine(&hasher)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

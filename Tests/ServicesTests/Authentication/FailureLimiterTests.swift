import MartletCore
import MartletKit
import Testing

@testable import AuthenticationService

@Suite("The limit on failed logins")
struct FailureLimiterTests {
    private var limits: FailureLimiter.Limits {
        var limits = FailureLimiter.Limits()
        limits.accountAtAddress = .init(burst: 3, interval: .seconds(100))
        limits.account = .init(burst: 5, interval: .seconds(50))
        limits.address = .init(burst: 8, interval: .seconds(10))
        return limits
    }
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    /// An address of its own for each number.
    private func address(_ number: Int) throws -> ClientAddress {
        ClientAddress(.v4(0x0A00_0000 | UInt32(number)))
    }

    private func attempt(
        _ limiter: inout FailureLimiter, _ account: String, _ address: ClientAddress, _ now: MonotonicTime
    ) -> FailureLimiter.Attempt? {
        if case .allowed(let attempt) = limiter.begin(account: account, address: address, now: now) {
            attempt
        } else {
            nil
        }
    }

    private func wait(
        _ limiter: inout FailureLimiter, _ account: String, _ address: ClientAddress, _ now: MonotonicTime
    ) -> Duration? {
        if case .refused(let wait) = limiter.begin(account: account, address: address, now: now) { wait } else { nil }
    }

    @Test("an account takes a burst of failures from one address, and then one each interval")
    func pair() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        for _ in 0..<3 { #expect(attempt(&limiter, "a", here, start) != nil) }
        #expect(wait(&limiter, "a", here, start) == .seconds(100))
        #expect(wait(&limiter, "a", here, start + .seconds(99)) == .seconds(1))
        #expect(attempt(&limiter, "a", here, start + .seconds(100)) != nil)
        #expect(wait(&limiter, "a", here, start + .seconds(100)) == .seconds(100))
    }

    @Test("being refused costs nothing: however often one tries, the wait is not longer")
    func refusals() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        for _ in 0..<3 { _ = attempt(&limiter, "a", here, start) }
        for _ in 0..<1000 { #expect(wait(&limiter, "a", here, start + .seconds(50)) == .seconds(50)) }
        #expect(attempt(&limiter, "a", here, start + .seconds(100)) != nil)
    }

    @Test("attempts that have not failed yet count too")
    func concurrent() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        let begun = (0..<100).compactMap { _ in attempt(&limiter, "a", here, start) }
        #expect(begun.count == 3)
    }

    @Test("one account is limited over all addresses")
    func account() throws {
        var limiter = FailureLimiter(limits: limits)
        for number in 0..<5 { #expect(attempt(&limiter, "a", try address(number), start) != nil) }
        #expect(wait(&limiter, "a", try address(6), start) == .seconds(50))
        #expect(attempt(&limiter, "b", try address(6), start) != nil)
    }

    @Test("one guesser at one address leaves the account open to all others")
    func oneGuesser() throws {
        var limiter = FailureLimiter(limits: limits)
        let (guesser, owner) = (try address(1), try address(2))
        var now = start
        // A day of guessing, as fast as it is allowed.
        for _ in 0..<(24 * 3600 / 10) {
            _ = attempt(&limiter, "a", guesser, now)
            now = now + .seconds(10)
        }
        #expect(attempt(&limiter, "a", owner, now) != nil)
    }

    @Test("from where a login has succeeded, nobody elsewhere can lock the account")
    func atHome() throws {
        var limiter = FailureLimiter(limits: limits)
        let home = try address(1000)
        limiter.succeeded(try #require(attempt(&limiter, "a", home, start)))
        for number in 0..<200 { _ = attempt(&limiter, "a", try address(number), start) }
        #expect(wait(&limiter, "a", try address(300), start) != nil, "the account is locked for strangers")
        #expect(attempt(&limiter, "a", home, start) != nil)
        // But home has its own limit.
        #expect(attempt(&limiter, "a", home, start) != nil)
        #expect(attempt(&limiter, "a", home, start) != nil)
        #expect(wait(&limiter, "a", home, start) != nil)
    }

    @Test("no lock is for ever: an account under attack from everywhere opens again when that ends")
    func opens() throws {
        var limiter = FailureLimiter(limits: limits)
        for number in 0..<1000 { _ = attempt(&limiter, "a", try address(number), start) }
        #expect(attempt(&limiter, "a", try address(2000), start + .seconds(50)) != nil)
        #expect(attempt(&limiter, "a", try address(2001), start + .seconds(50 * 5)) != nil)
    }

    @Test("one address is limited over all accounts")
    func addressOverAccounts() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        for number in 0..<8 { #expect(attempt(&limiter, "user\(number)", here, start) != nil) }
        #expect(wait(&limiter, "user9", here, start) == .seconds(10))
        #expect(attempt(&limiter, "user9", try address(2), start) != nil)
    }

    @Test("a success clears the account, but gives the address back one attempt only")
    func success() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        for number in 0..<7 { _ = attempt(&limiter, "user\(number)", here, start) }
        // The guesser's own account, time and again.
        for _ in 0..<100 { limiter.succeeded(try #require(attempt(&limiter, "mine", here, start))) }
        #expect(attempt(&limiter, "user7", here, start) != nil)
        #expect(wait(&limiter, "user8", here, start) != nil)

        let there = try address(2)
        for _ in 0..<2 { _ = attempt(&limiter, "b", there, start) }
        limiter.succeeded(try #require(attempt(&limiter, "b", there, start)))
        for _ in 0..<3 { #expect(attempt(&limiter, "b", there, start) != nil) }
    }

    @Test("an attempt that came to nothing is given back everywhere")
    func nothing() throws {
        var limiter = FailureLimiter(limits: limits)
        let here = try address(1)
        for _ in 0..<1000 { limiter.cameToNothing(try #require(attempt(&limiter, "a", here, start))) }
    }

    @Test("what is kept is bounded, and what has been quiet goes first")
    func bounded() throws {
        var limits = limits
        limits.capacity = 64
        var limiter = FailureLimiter(limits: limits)
        let victim = try address(70_000)
        for _ in 0..<3 { _ = attempt(&limiter, "victim", victim, start) }
        for number in 0..<10_000 {
            _ = attempt(&limiter, "user\(number)", try address(number), start + .milliseconds(number))
            #expect(limiter.count <= 3 * 64)
        }
        // Three charges stand longer than all those that were charged once.
        #expect(wait(&limiter, "victim", victim, start + .seconds(10)) != nil)
    }

    @Test("meters that are empty again make room for others")
    func expiry() throws {
        var meters = FailureMeters(.init(burst: 2, interval: .seconds(10)), capacity: 16)
        for key in 0..<16 { meters.charge(UInt64(key), start) }
        #expect(meters.count == 16)
        meters.charge(99, start + .seconds(11))
        #expect(meters.count == 1)
    }
}

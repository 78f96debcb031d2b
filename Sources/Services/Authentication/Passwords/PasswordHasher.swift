internal import MartletCore
internal import MartletKit
internal import MartletRuntime

/// Hashes and checks passwords on threads of its own: a full queue is an error at once, and nobody else's work waits.
final class PasswordHasher: Sendable {
    /// Of new hashes, as in the original.
    static let standardCost = 12

    private let pool: OffloadPool
    private let bcrypt: Bcrypt
    private let cost: Int
    /// What the password of a user that is not there is checked against, so that it takes as long.
    private let decoy: String

    /// - Parameters:
    ///   - threads: one core less than there are, so that guessing passwords does not stop the service.
    ///   - queueLimit: 16 a thread: whoever is last waits 3.2 s, which people still do.
    init(
        cost: Int = standardCost, threads: Int = max(EventLoopGroup.shared.loops.count - 1, 1),
        queueLimit: Int? = nil, bcrypt: Bcrypt = .system
    ) {
        self.cost = cost
        self.bcrypt = bcrypt
        pool = OffloadPool(name: "passwords", threads: threads, queueLimit: queueLimit ?? 16 * threads)
        let digits = cost < 10 ? "0\(cost)" : "\(cost)"
        decoy = "$2a$\(digits)$1zGLuYDDNvATh4RA4avbKu" + String(repeating: ".", count: 31)
    }

    /// Passwords that wait for a thread now.
    var waiting: Int { pool.waiting }

    /// A hash to be stored.
    /// - Throws: `unavailable` when too many wait already.
    func hash(_ password: Password) async throws -> String {
        let (bcrypt, cost) = (bcrypt, cost)
        return try await run {
            guard let setting = bcrypt.makeSetting(cost), let hash = bcrypt.hash(password, setting),
                Bcrypt.isHash(hash)
            else { throw ServiceError(.internal, "the password could not be hashed") }
            return hash
        }
    }

    /// Whether `stored` is the hash of `password`. Without one, or with one that is broken, the answer is no, after the
    /// same work.
    /// - Throws: `unavailable` when too many wait already.
    func verify(_ password: Password, against stored: String?) async throws -> Bool {
        let (bcrypt, decoy) = (bcrypt, decoy)
        return try await run {
            guard let stored, Bcrypt.isHash(stored), let computed = bcrypt.hash(password, stored) else {
                _ = bcrypt.hash(password, decoy)
                return false
            }
            return ConstantTime.areEqual(computed, stored)
        }
    }

    private func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        do {
            return try await pool.run(work)
        } catch let error as ServiceError where error.code == .unavailable {
            throw ServiceError(.unavailable, "too many logins at once; try again", retryAfter: .seconds(1))
        }
    }
}

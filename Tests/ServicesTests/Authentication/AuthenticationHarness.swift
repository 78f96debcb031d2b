import Dispatch
import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import MartletRuntime
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

@testable import AuthenticationService

/// The service's routes over a store in memory, without a socket.
struct AuthenticationHarness {
    static let token = "a-token-that-is-long-enough"

    let database: SQLiteDatabase
    let store: SQLUserStore
    let crypt: RecordingCrypt
    let hasher: PasswordHasher
    let metrics = Metrics()
    let clock = ManualClock()
    let outbox: Outbox
    let sessions: SessionBook
    let handler: HTTPHandler

    /// - Parameters:
    ///   - schema: what stands in the database before the service comes; the service's own schema follows.
    ///   - cost: 4 is 256 times as fast as the standard.
    init(
        before schema: [SQLStatement] = [], cost: Int = 4, threads: Int = 1, queueLimit: Int = 16,
        crypt: RecordingCrypt = RecordingCrypt(), limits: FailureLimiter.Limits = .init(),
        adminToken: String? = AuthenticationHarness.token, failureStatus: HTTPStatus = .badRequest,
        bus: any MessageBus = AwayBus(), lifetime: Duration = .seconds(3600), isCookieSecure: Bool = false
    ) async throws {
        database = try await SQLiteDatabase.open(.memory)
        for statement in schema { try await database.execute(statement) }
        try await database.migrate(AuthenticationApp.schema)
        store = SQLUserStore(database: database)
        self.crypt = crypt
        hasher = PasswordHasher(cost: cost, threads: threads, queueLimit: queueLimit, bcrypt: crypt.bcrypt)
        let (clock, hasher) = (clock, hasher)
        let telemetry = Telemetry(service: "authentication", logger: .disabled, metrics: metrics)
        outbox = Outbox(
            database, publisher: EventPublisher(bus), telemetry: telemetry,
            retry: RetryPolicy(initial: .milliseconds(1), maximum: .milliseconds(5)))
        sessions = SessionBook(database: database, outbox: outbox, lifetime: lifetime, now: { clock.wallTime })
        let authenticator = Authenticator(
            store: store, hasher: hasher, limits: limits, telemetry: telemetry, now: { clock.now })
        var router = Router(failure: { .envelope(failure: $0) })
        router.heartbeat()
        AuthenticationRoutes(
            authenticator: authenticator, sessions: sessions, proxies: .loopback, failureStatus: failureStatus,
            isCookieSecure: isCookieSecure
        ).add(to: &router)
        UserRoutes(store: store, hasher: hasher, gate: AdminGate(token: adminToken.map { Secret($0) }))
            .add(to: &router)
        handler = try router.handler()
    }

    func send(
        _ method: HTTPMethod, _ target: String, _ body: String = "", headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        let response = try await handler(
            HTTPRequest(method, target, headers: headers, body: body.isEmpty ? .empty : .string(body)))
        let text = String(decoding: try await response.body.collect(upTo: 1 << 24), as: UTF8.self)
        return Answer(status: response.status.code, headers: response.headers, body: text)
    }

    func logIn(_ email: String = "admin@example.com", _ password: String) async throws -> Answer {
        try await send(.post, "/authenticate", Self.json(["email": .string(email), "password": .string(password)]))
    }

    func administer(_ method: HTTPMethod, _ target: String, _ body: String = "") async throws -> Answer {
        try await send(method, target, body, headers: ["Authorization": "Bearer \(Self.token)"])
    }

    /// A user whose password is checked in a millisecond.
    @discardableResult
    func addUser(
        _ email: String, _ password: String = "correct horse", first: String = "", last: String = "", active: Int = 1
    ) async throws -> Int {
        let hash = try await PasswordHasher(cost: 4).hash(try Password(password))
        return try await store.insert(
            try UserDetails(email: email, firstName: first, lastName: last, active: active), passwordHash: hash)
    }

    /// What waits to be published: routing key and body.
    func events() async throws -> [String] {
        try await database.query("SELECT routing_key, body FROM outbox ORDER BY number").map { row in
            "\(try row.get(0, as: String.self)) \(String(decoding: try row.get(1, as: [UInt8].self), as: UTF8.self))"
        }
    }

    /// Publishes what waits, until the outbox is empty, and no longer than the suite may take.
    func publishing(_ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [outbox] in
                try await ShutdownSignal.$current.withValue(signal) { try await outbox.run() }
            }
            do {
                try await body()
            } catch {
                signal.trigger()
                throw error
            }
            signal.trigger()
            try await group.waitForAll()
        }
    }

    static func json(_ object: [String: JSONValue]) -> String {
        let members = object.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: $0.value) }
        return String(decoding: JSON.encode(JSONValue.object(JSONObject(members))), as: UTF8.self)
    }
}

struct Answer {
    var status: Int
    var headers: HTTPHeaders
    var body: String

    var json: JSONValue { (try? JSON.decode(JSONValue.self, from: Array(body.utf8))) ?? .null }
    var message: String? {
        guard case .string(let text)? = json["message"] else { return nil }
        return text
    }
    var isError: Bool? {
        guard case .bool(let value)? = json["error"] else { return nil }
        return value
    }
    var data: JSONValue? { json["data"] }
}

/// The real `crypt`, which notes what it was asked, and can be held.
final class RecordingCrypt: Sendable {
    private let asked = Locked<[String]>([])
    private let gate: DispatchSemaphore?

    /// - Parameter isHeld: each hash waits until ``release(_:)``.
    init(isHeld: Bool = false) { gate = isHeld ? DispatchSemaphore(value: 0) : nil }

    /// The settings of all hashes so far.
    var settings: [String] { asked.withLock { $0 } }

    func release(_ count: Int) { for _ in 0..<count { gate?.signal() } }

    var bcrypt: Bcrypt {
        Bcrypt(
            hash: { [self] password, setting in
                asked.withLock { $0.append(setting) }
                gate?.wait()
                return Bcrypt.system.hash(password, setting)
            }, makeSetting: Bcrypt.system.makeSetting)
    }
}

final class ManualClock: Sendable {
    private let time = Locked(MonotonicTime(nanoseconds: 1_000_000_000_000))
    var now: MonotonicTime { time.withLock { $0 } }
    /// In the spring of 2027.
    var wallTime: WallTime { WallTime(nanoseconds: 1_800_000_000_000_000_000 + Int64(now.nanoseconds)) }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// Yields until `condition` holds: for what another thread is about to do. The suite's time limit ends a wait in vain.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}

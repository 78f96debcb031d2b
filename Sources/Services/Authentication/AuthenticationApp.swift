public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletMessaging
internal import MartletSQL
internal import MartletSQLite

/// The authentication service, alone or beside others.
public enum AuthenticationApp: ServiceApp {
    public static let name = "authentication"
    public static let summary = "keeps the users, tells a right password from a wrong one, and knows who is signed in"
    public static let port = AuthenticationKeys.port
    public static let keys: [any AnyConfigurationKey] = AuthenticationKeys.all

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let configuration = setup.configuration
        let database = try await setup.openSQLite(
            AuthenticationKeys.dataSource, named: "users", migrations: schema)
        let store = SQLUserStore(database: database)
        setup.readiness.require("store") {
            do {
                _ = try await database.single("SELECT 1")
                return nil
            } catch {
                return "\(error)"
            }
        }
        let hasher = PasswordHasher()
        setup.telemetry.metrics.observe("martlet_passwords_waiting", help: "Passwords that wait to be checked.") {
            Double(hasher.waiting)
        }
        let bus = try await setup.openBus()
        setup.readiness.mention("bus") { await bus.problem() }
        let outbox = Outbox(database, publisher: EventPublisher(bus), telemetry: setup.telemetry)
        let sessions = SessionBook(
            database: database, outbox: outbox, lifetime: configuration[AuthenticationKeys.sessionLifetime])
        let authenticator = Authenticator(store: store, hasher: hasher, telemetry: setup.telemetry)
        let routes = AuthenticationRoutes(
            authenticator: authenticator, sessions: sessions,
            proxies: configuration[AuthenticationKeys.trustedProxies],
            failureStatus: configuration[AuthenticationKeys.failureStatus] == "401" ? .unauthorized : .badRequest,
            isCookieSecure: configuration[AuthenticationKeys.isCookieSecure])
        let administration = UserRoutes(
            store: store, hasher: hasher, gate: AdminGate(token: configuration[AuthenticationKeys.adminToken]))
        let server = try setup.httpServer(port: configuration[AuthenticationKeys.port]) { router in
            routes.add(to: &router)
            administration.add(to: &router)
        }
        // Ends in the reverse order: the last events are published, and only then are bus and store let go of.
        return setup.group {
            StoreKeeper(database)
            BusKeeper(bus)
            outbox
            SessionJanitor(sessions: sessions, logger: setup.telemetry.logger)
            server
        }
    }

    /// Everything that this service keeps.
    static let schema = SQLUserStore.migrations + SessionBook.migrations(from: 2)
}

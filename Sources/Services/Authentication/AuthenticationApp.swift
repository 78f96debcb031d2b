public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletSQL
internal import MartletSQLite

/// The authentication service, alone or beside others.
public enum AuthenticationApp: ServiceApp {
    public static let name = "authentication"
    public static let summary = "keeps the users and tells a right password from a wrong one"
    public static let port = AuthenticationKeys.port
    public static let keys: [any AnyConfigurationKey] = AuthenticationKeys.all

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let configuration = setup.configuration
        let database = try await setup.openSQLite(
            AuthenticationKeys.dataSource, named: "users", migrations: SQLUserStore.migrations)
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
        let logger = LoggerClient(
            client: HTTPClient(tracer: setup.telemetry.tracer, group: setup.loops),
            logger: configuration[AuthenticationKeys.loggerURL])
        let reporter = LoginReporter(telemetry: setup.telemetry) { event in try await logger.report(event) }
        let authenticator = Authenticator(store: store, hasher: hasher, telemetry: setup.telemetry) { user in
            reporter.report(email: user.email)
        }
        let routes = AuthenticationRoutes(
            authenticator: authenticator, proxies: configuration[AuthenticationKeys.trustedProxies],
            failureStatus: configuration[AuthenticationKeys.failureStatus] == "401" ? .unauthorized : .badRequest)
        let administration = UserRoutes(
            store: store, hasher: hasher, gate: AdminGate(token: configuration[AuthenticationKeys.adminToken]))
        let server = try setup.httpServer(port: configuration[AuthenticationKeys.port]) { router in
            routes.add(to: &router)
            administration.add(to: &router)
        }
        // Ends in the reverse order: the last logins are reported, and only then is the store closed.
        return setup.group {
            StoreKeeper(database)
            reporter
            server
        }
    }
}

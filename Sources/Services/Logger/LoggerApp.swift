public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletSQL
internal import MartletSQLite

/// The logger as it is deployed.
public enum LoggerApp: ServiceApp {
    public static let name = "logger"
    public static let summary = "keeps log entries and gives them back, newest first"

    public static let port = StandardKeys.httpPort(8082)
    public static let store = StandardKeys.embeddedStore("The store of the entries")
    public static let age = ConfigurationKey(
        "LOG_RETENTION", .duration(in: .seconds(60) ... .seconds(10 * 366 * 86_400)), flag: "log-retention",
        default: .seconds(30 * 86_400), "Entries older than this are forgotten.")
    public static let size = ConfigurationKey(
        "LOG_MAX_BYTES", .bytes(in: (1 << 20)...(1 << 50)), flag: "log-max-bytes", default: 1 << 30,
        "The oldest entries are forgotten when the store is larger.")
    public static let streams = ConfigurationKey(
        "LOG_STREAMS", .integer(in: 0...10_000), flag: "log-streams", default: 64,
        "How many readers may follow /logs/stream at once.")

    public static let keys: [any AnyConfigurationKey] = [port, store, age, size, streams]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let database = try await setup.openSQLite(store, named: "logs", migrations: SQLLogStore.migrations)
        let entries = try await SQLLogStore(database)
        setup.readiness.require("store") { await entries.problem() }
        let feed = LogFeed(limit: setup.configuration[streams])
        let server = try setup.httpServer(port: setup.configuration[port]) { router in
            LogBook(store: entries, feed: feed).mount(on: &router)
        }
        let limits = RetentionLimits(age: setup.configuration[age], size: setup.configuration[size])
        return setup.group {
            StoreKeeper(database)
            Retention(entries, limits, logger: setup.telemetry.logger)
            server
            feed
        }
    }
}

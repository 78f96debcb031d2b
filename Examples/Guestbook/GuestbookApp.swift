import MartletCore
import MartletHTTP
import MartletKit
import MartletSQL
import MartletSQLite

@main enum GuestbookApp: ServiceApp {
    static let name = "guestbook"
    static let summary = "keeps what visitors write"

    static let port = StandardKeys.httpPort(8091)
    static let store = StandardKeys.embeddedStore("The entries")
    static let keep = ConfigurationKey(
        "KEEP_ENTRIES", .integer(in: 1...1_000_000), flag: "keep-entries", default: 10_000,
        "Older entries than the newest of this number are forgotten.")

    static let keys: [any AnyConfigurationKey] = [port, store, keep]

    static func make(_ setup: Setup) async throws -> ServiceGroup {
        let database = try await setup.openSQLite(store, named: "guestbook", migrations: Guestbook.migrations)
        setup.readiness.require("store") {
            do {
                _ = try await database.single("SELECT 1")
                return nil
            } catch {
                return "\(error)"
            }
        }
        let server = try setup.httpServer(port: setup.configuration[port]) { router in
            Guestbook(database: database).mount(on: &router, limit: ConcurrencyLimit(limit: 64))
        }
        // They start in this order and stop in the reverse: the store outlives what uses it.
        return setup.group {
            StoreKeeper(database)
            Janitor(database: database, keep: setup.configuration[keep], logger: setup.telemetry.logger)
            server
        }
    }
}

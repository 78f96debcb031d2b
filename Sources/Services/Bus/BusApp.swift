// The bus as a service: it owns the store of the messages and lets other processes use it over a socket. What a bus is,
// is in Messaging; how this one keeps messages, in EmbeddedBus. Which events there are is not its business.

public import MartletCore
internal import MartletEmbeddedBus
internal import MartletHTTP
public import MartletKit
internal import MartletSQLite

/// The bus as it is deployed.
public enum BusApp: ServiceApp {
    public static let name = "bus"
    public static let summary = "keeps events until those they are for have dealt with them"

    /// Of health and metrics alone.
    public static let port = StandardKeys.httpPort(8085)
    public static let store = StandardKeys.embeddedStore("The store of the messages")
    public static let size = ConfigurationKey(
        "BUS_MAX_BYTES", .bytes(in: (1 << 20)...(1 << 50)), flag: "bus-max-bytes", default: 8 << 30,
        "The largest the store may grow. Then what is published is refused.")

    public static let keys: [any AnyConfigurationKey] = [port, StandardKeys.bus, store, size]

    public static let checks: [@Sendable (Configuration) -> String?] = [
        { configuration in
            if case .embedded? = configuration[StandardKeys.bus] {
                return "BUS_URL must be unix:PATH, where others find this bus"
            }
            return nil
        }
    ]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        guard case .socket(let path) = try setup.busAddress() else {
            throw ServiceError(.invalidArgument, "BUS_URL must be unix:PATH")
        }
        var limits = BusConfiguration()
        limits.fileByteLimit = setup.configuration[size]
        let (location, configuration) = (try location(setup), limits)
        let bus = try await setup.whenThere("store") {
            try await EmbeddedBus.open(location, configuration: configuration, logger: setup.telemetry.logger)
        }
        setup.readiness.require("store") { await bus.problem() }
        let metrics = BusMetrics(bus, metrics: setup.telemetry.metrics)
        let socket = try BusServer(on: bus, socket: path, logger: setup.telemetry.logger)
        let server = try setup.httpServer(port: setup.configuration[port], heartbeat: false) { _ in }
        return setup.group {
            // Apart from the socket, which may not be to be had: then the store is let go of all the same.
            BusKeeper(bus)
            metrics
            socket
            server
        }
    }

    private static func location(_ setup: Setup) throws -> SQLiteLocation {
        if let dsn = setup.configuration[store] { return try SQLiteLocation(dsn: dsn.exposed) }
        return .file(path: try setup.dataFolder() + "/bus.db")
    }
}

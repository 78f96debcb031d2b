public import MartletCore
public import MartletEmbeddedBus
public import MartletMessaging
internal import MartletSQLite

extension StandardKeys {
    /// Where the bus is. One setting for those who use the bus and for who hosts it, so that they agree.
    public static let bus: ConfigurationKey<BusAddress?> = .optional(
        "BUS_URL", .bus, flag: "bus-url",
        "The event bus: unix:PATH, the socket that it listens on. Without it, bus.sock in DATA_DIR.")
}

extension ConfigurationType<BusAddress> {
    fileprivate static var bus: Self {
        Self(
            allowed:
                "unix:PATH, a path of up to 107 bytes; or embedded::memory:, a bus of the service's own, for a trial",
            parse: { text in
                guard let address = try? BusAddress(dsn: text) else { return nil }
                // A file belongs to one process: what hosts it for others is the bus service, and its setting is DSN.
                if case .embedded(let location) = address, location != .memory { return nil }
                return address
            },
            show: { address in
                switch address {
                case .socket(let path): "unix:\(path)"
                case .embedded: "embedded::memory:"
                }
            })
    }
}

extension Setup {
    /// Where `BUS_URL` says that the bus is; without it, the socket in the data folder.
    public func busAddress() throws -> BusAddress {
        if let address = configuration[StandardKeys.bus] { return address }
        let folder = configuration[StandardKeys.dataFolder]
        try ProcessFiles.makeFolder(folder)
        return .socket(path: try ProcessFiles.socketPath("bus.sock", in: folder))
    }

    /// The bus that `BUS_URL` names. One that is away is waited for in the background: this does not fail because of
    /// it, and what is asked of the bus meanwhile waits within its own deadline. List a ``BusKeeper`` for it.
    public func openBus() async throws -> any MessageBus {
        try await busAddress().open(logger: telemetry.logger)
    }
}

extension BusServer: StartableService {}

public import MartletCore
public import MartletMessaging
public import MartletSQLite

/// Where an embedded bus is: the URL that chooses it.
public enum BusAddress: Sendable, Hashable {
    /// This process owns the store: `embedded:PATH`, or `embedded::memory:` for tests.
    case embedded(SQLiteLocation)
    /// Another process owns it: `unix:PATH`, the path of its socket.
    case socket(path: String)

    /// - Throws: `invalidArgument` for anything else.
    public init(dsn: String) throws(ServiceError) {
        func path(after scheme: String) -> String? {
            guard dsn.hasPrefix(scheme) else { return nil }
            let rest = String(dsn.dropFirst(scheme.count))
            return rest.isEmpty || rest.utf8.contains(0) || rest.contains("?") ? nil : rest
        }
        if let path = path(after: "unix:"), path.utf8.count <= 107 {
            self = .socket(path: path)
        } else if let path = path(after: "embedded:") {
            self = .embedded(path == ":memory:" ? .memory : .file(path: path))
        } else {
            throw ServiceError(
                .invalidArgument,
                "an embedded bus is named unix:PATH (its socket, up to 107 bytes) or embedded:PATH (its file)")
        }
    }

    /// Opens the bus: the store itself, or the connection to its owner, which may come later.
    public func open(
        configuration: BusConfiguration = BusConfiguration(), logger: Logger = .disabled
    ) async throws -> any MessageBus {
        switch self {
        case .embedded(let location):
            try await EmbeddedBus.open(location, configuration: configuration, logger: logger)
        case .socket(let path): try SocketBus(socket: path, logger: logger)
        }
    }
}

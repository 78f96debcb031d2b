public import MartletCore
public import MartletRuntime

/// A service as it is deployed: what it reads from its surroundings and what it consists of. It runs alone, as the
/// executable that calls ``main()``, or beside others in one process, as `martlet up` does.
///
///     public enum LoggerApp: ServiceApp {
///         public static let name = "logger"
///         public static let summary = "keeps log entries and gives them back, newest first"
///         public static let keys: [any AnyConfigurationKey] = [port, …]
///         public static func make(_ setup: Setup) async throws -> ServiceGroup { … }
///     }
public protocol ServiceApp: Sendable {
    /// For logs, metrics, `status`, and the folder of its data.
    static var name: String { get }
    /// One line for `--help`.
    static var summary: String { get }
    /// Its own settings; ``StandardKeys/everyService`` are read in any case.
    static var keys: [any AnyConfigurationKey] { get }
    /// What its settings must be to each other; each returns what is wrong, or nil.
    static var checks: [@Sendable (Configuration) -> String?] { get }
    /// Puts the service together. Opens what it needs, and waits for it (``Setup/whenThere(_:_:)``); binds
    /// nothing yet, which the group's start does.
    static func make(_ setup: Setup) async throws -> ServiceGroup
}

extension ServiceApp {
    public static var checks: [@Sendable (Configuration) -> String?] { [] }
}

/// What a service is made with.
public struct Setup: Sendable {
    public let service: String
    public let configuration: Configuration
    public let telemetry: Telemetry
    public let readiness: Readiness
    public let loops: EventLoopGroup
    /// What runs beside the service's own parts and ends after them: the exporter of its traces.
    public let companions: [any Service]
    let outgoing = OutgoingTLS()

    public init(
        service: String, configuration: Configuration, telemetry: Telemetry, companions: [any Service] = [],
        readiness: Readiness = Readiness(), loops: EventLoopGroup = .shared
    ) {
        self.companions = companions
        self.service = service
        self.configuration = configuration
        self.telemetry = telemetry
        self.readiness = readiness
        self.loops = loops
    }

    /// The default stack of middleware, for everything the service mounts.
    public var defaults: DefaultStack { DefaultStack(telemetry) }

    /// The service's own folder under `DATA_DIR`, made for this user alone.
    public func dataFolder() throws(ServiceError) -> String {
        let path = configuration[StandardKeys.dataFolder] + "/" + service
        try ProcessFiles.makeFolder(path)
        return path
    }

    /// A group with the configured way to end.
    public func group(@ServiceListBuilder _ services: () throws -> [any Service]) rethrows -> ServiceGroup {
        try ServiceGroup(
            service, readiness: readiness, logger: telemetry.logger,
            shutdown: .init(
                drainDelay: configuration[StandardKeys.drainDelay], patience: configuration[StandardKeys.patience])
        ) {
            companions
            if let keeper = outgoing.keeper { keeper }
            try services()
        }
    }
}

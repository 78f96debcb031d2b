internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletSystem

/// Where a service of the system can be called.
enum ServiceLocation {
    /// Asks the running system; where none runs, the settings say where the service would be, for one that runs alone.
    ///
    /// - Throws: `unavailable` when the system runs and the service does not; ``ConfigurationError`` for settings that
    ///   are wrong.
    static func find(_ name: String, for invocation: Invocation) async throws -> HTTPBaseURL {
        guard invocation.workplace.owner() != nil else {
            let input = Configuration.Input(environment: invocation.environment)
            let system = try SystemConfiguration(SystemService.all, from: input)
            guard let url = system.urls[name] else { throw unknown(name) }
            return try HTTPBaseURL(url)
        }
        let status = try await ControlClient(invocation.workplace).status()
        guard let service = status.services.first(where: { $0.name == name }) else { throw unknown(name) }
        guard service.state == "running" else {
            throw ServiceError(.unavailable, "\(name) is \(service.state); martlet start \(name) starts it")
        }
        return try HTTPBaseURL(service.url)
    }

    private static func unknown(_ name: String) -> ServiceError {
        ServiceError(.notFound, "the system has no service \"\(name)\"")
    }
}

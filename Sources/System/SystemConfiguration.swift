internal import BusService
public import MartletCore
internal import MartletEmbeddedBus
internal import MartletKit

/// The configurations of all services that share one process and one environment.
///
/// A service's own variable, `LOGGER_LOG_LEVEL`, goes before the common one, `LOG_LEVEL`. `PORT`, `DSN` and
/// `TRUSTED_PROXIES` mean one service and count only as `LOGGER_PORT`, `AUTHENTICATION_DSN` and so on: whom the broker
/// believes is not whom the authentication service does. Who calls whom is filled in.
public struct SystemConfiguration: Sendable {
    /// By service name.
    public private(set) var services: [String: Configuration] = [:]
    /// Where each can be called from this machine, by service name: `http://127.0.0.1:8082`.
    public private(set) var urls: [String: String] = [:]

    /// - Throws: ``ConfigurationError`` with everything that is wrong, each line naming the service.
    public init(_ system: [SystemService], from input: Configuration.Input) throws(ConfigurationError) {
        var problems: [String] = []
        var input = input
        for variable in ["PORT", "DSN", "DSN_FILE", "TRUSTED_PROXIES"] { input.environment[variable] = nil }
        var ports: [String: Int] = [:]
        var hosts: [String: String] = [:]
        var secure: Set<String> = []
        /// Whose each port is.
        var taken: [Int: String] = [:]
        // The ports first: the URLs are made of them.
        for service in system {
            do throws(ConfigurationError) {
                let configuration = try Configuration.load(
                    [StandardKeys.host, StandardKeys.certificateFiles] + service.ports,
                    from: input.without(flagsOf: service), scope: service.scope)
                hosts[service.name] = configuration[StandardKeys.host]
                ports[service.name] = configuration[service.port]
                if StandardKeys.speaksTLS(configuration) { secure.insert(service.name) }
                for key in service.ports {
                    let port = configuration[key]
                    let variable = "\(service.scope)_\(key.variable)"
                    if port == 0 {
                        problems.append("\(variable) is 0; in a system each port must be known to the others")
                    } else if let other = taken[port] {
                        problems.append("\(variable) is \(port), which is the port of \(other) already")
                    }
                    taken[port] = service.name
                }
            } catch {
                problems += error.lines(for: service)
            }
        }
        guard problems.isEmpty else { throw .refused(problems) }
        for (name, host) in hosts {
            urls[name] = ports[name].map { Self.url(host: host, port: $0, isSecure: secure.contains(name)) }
        }
        var busURL: String?
        for service in system {
            var own = input
            if service.usesBus, let busURL, own.environment["BUS_URL"] == nil {
                let scoped = "\(service.scope)_BUS_URL"
                if own.environment[scoped] == nil { own.environment[scoped] = busURL }
            }
            for call in service.calls where own.environment[call.variable] == nil {
                guard let port = ports[call.service], let host = hosts[call.service] else { continue }
                let url = Self.url(
                    host: call.isForBrowsers ? "localhost" : host, port: port, isSecure: secure.contains(call.service))
                let scoped = "\(service.scope)_\(call.variable)"
                if own.environment[scoped] == nil { own.environment[scoped] = url }
            }
            do throws(ConfigurationError) {
                services[service.name] = try Configuration.load(
                    StandardKeys.everyService + service.app.keys, from: own, scope: service.scope,
                    checks: StandardKeys.checks + service.app.checks)
                if service.name == BusApp.name { busURL = services[service.name].flatMap(Self.busURL) }
            } catch {
                problems += error.lines(for: service)
            }
        }
        guard problems.isEmpty else { throw .refused(problems) }
    }

    /// Where the bus of this configuration is for others. Nil for a folder whose path is too long for a URL: each
    /// service finds it by itself, in the folder that is common to all.
    private static func busURL(_ configuration: Configuration) -> String? {
        if case .socket(let path)? = configuration[StandardKeys.bus] { return "unix:\(path)" }
        let url = "unix:\(configuration[StandardKeys.dataFolder])/bus.sock"
        return (try? BusAddress(dsn: url)) == nil ? nil : url
    }

    /// What to call where `host` is what is listened on.
    static func url(host: String, port: Int, isSecure: Bool) -> String {
        let reachable =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            default: host.contains(":") ? "[\(host)]" : host
            }
        return "\(isSecure ? "https" : "http")://\(reachable):\(port)"
    }
}

extension Configuration.Input {
    /// For a look at a few settings before all of them are read: the flags are checked by whoever reads all.
    fileprivate func without(flagsOf service: SystemService) -> Configuration.Input {
        var input = self
        let flags = [StandardKeys.host.flag, StandardKeys.certificateFiles.flag].compactMap { $0.map { "--\($0)" } }
        var kept: [String] = []
        for (index, argument) in arguments.enumerated() {
            if flags.contains(argument) {
                kept.append(argument)
                if index + 1 < arguments.count { kept.append(arguments[index + 1]) }
            } else if flags.contains(where: { argument.hasPrefix($0 + "=") }) {
                kept.append(argument)
            }
        }
        input.arguments = kept
        return input
    }
}

extension ConfigurationError {
    fileprivate func lines(for service: SystemService) -> [String] {
        switch self {
        case .helpRequested: ["help is asked for"]
        case .refused(let lines): lines.map { "\(service.name): \($0)" }
        }
    }
}

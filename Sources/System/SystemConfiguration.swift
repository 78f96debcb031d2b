public import MartletCore
internal import MartletKit

/// The configurations of all services that share one process and one environment.
///
/// A service's own variable, `LOGGER_LOG_LEVEL`, goes before the common one, `LOG_LEVEL`. `PORT`, `DSN` and
/// `TRUSTED_PROXIES` mean one service and count only as `LOGGER_PORT`, `AUTHENTICATION_DSN` and so on: whom the broker
/// believes is not whom the authentication service does. Who calls whom is filled in.
public struct SystemConfiguration: Sendable {
    /// By service name.
    public private(set) var services: [String: Configuration] = [:]

    /// - Throws: ``ConfigurationError`` with everything that is wrong, each line naming the service.
    public init(_ system: [SystemService], from input: Configuration.Input) throws(ConfigurationError) {
        var problems: [String] = []
        var input = input
        for variable in ["PORT", "DSN", "DSN_FILE", "TRUSTED_PROXIES"] { input.environment[variable] = nil }
        var ports: [String: Int] = [:]
        var hosts: [String: String] = [:]
        // The ports first: the URLs are made of them.
        for service in system {
            do throws(ConfigurationError) {
                let configuration = try Configuration.load(
                    [service.port, StandardKeys.host], from: input.without(flagsOf: service), scope: service.scope)
                let port = configuration[service.port]
                hosts[service.name] = configuration[StandardKeys.host]
                if port == 0 {
                    problems.append("\(service.scope)_PORT is 0; in a system each port must be known to the others")
                } else if let other = ports.first(where: { $0.value == port })?.key {
                    problems.append("\(service.scope)_PORT is \(port), which is the port of \(other) already")
                }
                ports[service.name] = port
            } catch {
                problems += error.lines(for: service)
            }
        }
        guard problems.isEmpty else { throw .refused(problems) }
        for service in system {
            var own = input
            for call in service.calls where own.environment[call.variable] == nil {
                guard let port = ports[call.service], let host = hosts[call.service] else { continue }
                let url = "http://\(call.isForBrowsers ? "localhost" : Self.reachable(host)):\(port)"
                let scoped = "\(service.scope)_\(call.variable)"
                if own.environment[scoped] == nil { own.environment[scoped] = url }
            }
            do throws(ConfigurationError) {
                services[service.name] = try Configuration.load(
                    StandardKeys.everyService + service.app.keys, from: own, scope: service.scope,
                    checks: StandardKeys.checks + service.app.checks)
            } catch {
                problems += error.lines(for: service)
            }
        }
        guard problems.isEmpty else { throw .refused(problems) }
    }

    /// An address to call where the given one is to listen on.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}

extension Configuration.Input {
    /// For a look at two settings before all of them are read: the flags are checked by whoever reads all.
    fileprivate func without(flagsOf service: SystemService) -> Configuration.Input {
        var input = self
        let host = StandardKeys.host.flag.map { "--\($0)" } ?? ""
        var kept: [String] = []
        for (index, argument) in arguments.enumerated() where argument == host || argument.hasPrefix(host + "=") {
            kept.append(argument)
            if argument == host, index + 1 < arguments.count { kept.append(arguments[index + 1]) }
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

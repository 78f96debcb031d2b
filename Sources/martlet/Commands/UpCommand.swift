internal import Glibc
internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletSystem

/// `martlet up`: every service in one process, each on its own port with its own store.
enum UpCommand {
    static let command = Command(
        name: "up", summary: "starts every service in this process; --detach in the background, --only A,B some",
        work: .settings(keys) { await run($0) })

    private static let detach = ConfigurationKey(
        "MARTLET_DETACH", .boolean, flag: "detach", default: false,
        "Goes on in the background, and returns once everything is ready.")

    private static let only = ConfigurationKey(
        "MARTLET_ONLY", .services, flag: "only", default: SystemService.all.map(\.name),
        "The services to start; the others can be started later.")

    /// Common to all services; each service's own settings are environment variables that begin with its name.
    private static let keys: [any AnyConfigurationKey] = [detach, only] + StandardKeys.everyService

    private static func run(_ arguments: [String]) async -> Int32 {
        let configuration: Configuration
        let system: SystemConfiguration
        do throws(ConfigurationError) {
            var input = Configuration.Input.process(arguments: arguments)
            configuration = try Configuration.load(keys, from: input, checks: StandardKeys.checks)
            input.arguments = withoutOwnFlags(arguments)
            system = try SystemConfiguration(SystemService.all, from: input)
        } catch {
            if case .helpRequested = error { return help() }
            return ServiceProcess.refuse(error, program: "martlet up", summary: "", keys: keys)
        }
        let workplace = Workplace(folder: configuration[StandardKeys.dataFolder])
        // Stores, log and control socket are for this user alone, in whatever folder.
        umask(0o077)
        do {
            if configuration[detach] {
                let detached = Detached(
                    workplace: workplace, needed: configuration[only], arguments: withoutOwnFlags(arguments),
                    patience: .seconds(60) + configuration[StandardKeys.startupTimeout])
                return try await detached.run()
            }
            try workplace.claim()
            return await serve(workplace, configuration, system)
        } catch {
            ProcessFiles.writeError("martlet: \(ServiceProcess.describe(error))\n")
            return ServiceProcess.ExitCode.failure
        }
    }

    /// The arguments that the services read too.
    private static func withoutOwnFlags(_ arguments: [String]) -> [String] {
        var rest: [String] = []
        var isValue = false
        for argument in arguments {
            defer { isValue = argument == "--only" }
            let isOwn = ["--detach", "--no-detach", "--only"].contains(argument)
            if isOwn || isValue || argument.hasPrefix("--detach=") || argument.hasPrefix("--only=") { continue }
            rest.append(argument)
        }
        return rest
    }

    private static func help() -> Int32 {
        var text = """
            martlet up: runs every service in this process, until Ctrl-C

            Usage: martlet up [FLAGS]

            \(Configuration.help(for: keys))

            """
        for service in SystemService.all {
            text += """

                \(service.name): \(service.app.summary)
                Its variables are also read with \(service.scope)_ before them; PORT and DSN only so.

                \(Configuration.help(for: service.app.keys))

                """
        }
        ProcessFiles.writeOutput(text)
        return ServiceProcess.ExitCode.success
    }

    /// Hosts the system until a signal or `martlet down` asks for its end.
    private static func serve(
        _ workplace: Workplace, _ configuration: Configuration, _ system: SystemConfiguration
    ) async -> Int32 {
        let telemetry = TelemetryHost(configuration: configuration)
        let (own, _) = telemetry.telemetry(for: "martlet", configuration: configuration)
        let hosts = SystemService.all.compactMap { service in
            system.services[service.name].map {
                ServiceHost(service, configuration: $0, telemetry: telemetry)
            }
        }
        let code = await ServiceProcess.withTerminationSignal { signal in
            do {
                try await run(hosts, starting: configuration[only], workplace, own.logger, until: signal)
                return ServiceProcess.ExitCode.success
            } catch {
                // A service's failure is in the log already; whoever typed the command reads this.
                ProcessFiles.writeError("martlet: \(ServiceProcess.describe(error))\n")
                return ServiceProcess.ExitCode.failure
            }
        }
        telemetry.close()
        return code
    }

    private static func run(
        _ hosts: [ServiceHost], starting needed: [String], _ workplace: Workplace, _ logger: Logger,
        until signal: ShutdownSignal
    ) async throws {
        var router = Router(failure: { .envelope(failure: $0) })
        Control(hosts: hosts, process: Int64(getpid()), shutdown: signal).mount(on: &router)
        let control = HTTPServer(
            name: "control socket", address: try workplace.controlAddress(), handler: try router.handler())
        let keeper = LogFileKeeper(path: workplace.log, logger: logger)
        let readiness = Readiness()
        let group = ServiceGroup(
            "martlet", readiness: readiness, logger: logger, shutdown: .init(patience: .seconds(50))
        ) {
            keeper
            // Before the services, so that it ends after them and `status` can say what still stops.
            control
            hosts
        }
        try await group.start()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await group.run() } }
            do {
                let wanted = hosts.filter { needed.contains($0.name) }
                try await wanted.start()
                let addresses = wanted.filter { $0.state == .running }.map { "\($0.name) \($0.place)" }
                if !signal.isTriggered { logger.notice("ready: \(addresses.joined(separator: ", "))") }
            } catch  where !signal.isTriggered {
                signal.trigger()
                try? await tasks.waitForAll()
                throw error
            } catch {
                // Told to end before everything had begun.
            }
            try await tasks.waitForAll()
        }
    }
}

extension ConfigurationType<[String]> {
    /// Names of services, separated by commas.
    fileprivate static var services: Self {
        let known = SystemService.all.map(\.name)
        return Self(
            allowed: "some of \(known.joined(separator: ","))",
            parse: { text in
                let names = text.split(separator: ",").map(String.init)
                return !names.isEmpty && names.allSatisfy(known.contains) ? names : nil
            }, show: { $0.joined(separator: ",") })
    }
}

internal import Glibc
internal import MartletCore
internal import MartletKit
internal import MartletSystem
internal import MartletWire

/// `down`, `status`, `start` and `stop`: commands to a system that runs.
enum ControlCommands {
    private static let json = ConfigurationKey(
        "MARTLET_JSON", .boolean, flag: "json", default: false, "Prints JSON, for programs.")

    static func status(_ arguments: [String]) async -> Int32 {
        let summary = "says what runs, where, and for how long"
        return await command("status", summary, arguments, also: [json]) { workplace, configuration in
            guard workplace.owner() != nil else { return notRunning(workplace) }
            let status = try await ControlClient(workplace).status()
            if configuration[json] {
                ProcessFiles.writeOutput(String(decoding: JSON.encode(status), as: UTF8.self) + "\n")
            } else {
                ProcessFiles.writeOutput(table(status))
            }
            return ServiceProcess.ExitCode.success
        }
    }

    static func start(_ arguments: [String]) async -> Int32 {
        let summary = "starts one service that was stopped: \(everyName)"
        return await command("start", operand: "NAME", summary, arguments) { workplace, configuration in
            guard let name = known(configuration.positionals) else { return ServiceProcess.ExitCode.usage }
            guard workplace.owner() != nil else { return notRunning(workplace) }
            let status = try await ControlClient(workplace, patience: startPatience).start(name)
            let address = status.services.first { $0.name == name }?.address ?? ""
            ProcessFiles.writeOutput("\(name) runs at http://\(address)\n")
            return ServiceProcess.ExitCode.success
        }
    }

    static func stop(_ arguments: [String]) async -> Int32 {
        let summary = "stops one service gracefully: \(everyName)"
        return await command("stop", operand: "NAME", summary, arguments) { workplace, configuration in
            guard let name = known(configuration.positionals) else { return ServiceProcess.ExitCode.usage }
            guard workplace.owner() != nil else { return notRunning(workplace) }
            _ = try await ControlClient(workplace, patience: patience).stop(name)
            ProcessFiles.writeOutput("\(name) has stopped\n")
            return ServiceProcess.ExitCode.success
        }
    }

    static func down(_ arguments: [String]) async -> Int32 {
        await command("down", "stops what `martlet up` started, gracefully", arguments) { workplace, _ in
            guard let process = workplace.owner() else {
                ProcessFiles.writeOutput("nothing runs in \(workplace.folder)\n")
                return ServiceProcess.ExitCode.success
            }
            do {
                _ = try await ControlClient(workplace).down()
            } catch {
                // It does not answer: ask it as the system asks.
                kill(process, SIGTERM)
            }
            let end = MonotonicTime.now + patience
            while workplace.owner() == process, MonotonicTime.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            guard workplace.owner() != process else {
                throw ServiceError(
                    .deadlineExceeded,
                    "process \(process) has not ended within 60 seconds; kill -9 \(process) ends it at once")
            }
            ProcessFiles.writeOutput("everything has stopped\n")
            return ServiceProcess.ExitCode.success
        }
    }

    // MARK: What they share

    /// What the running system may take to stop something.
    private static let patience: Duration = .seconds(60)
    /// What it may take to start something, which may have to wait for its store.
    private static let startPatience: Duration = .seconds(120)

    private static var everyName: String { SystemService.all.map(\.name).joined(separator: ", ") }

    private static func command(
        _ name: String, operand: String? = nil, _ summary: String, _ arguments: [String],
        also more: [any AnyConfigurationKey] = [], _ body: (Workplace, Configuration) async throws -> Int32
    ) async -> Int32 {
        let keys: [any AnyConfigurationKey] = [StandardKeys.dataFolder] + more
        let count = operand == nil ? 0 : 1
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(
                keys, from: .process(arguments: arguments), positionals: count...count)
        } catch {
            return refuse(error, name, operand, summary, keys)
        }
        do {
            return try await body(Workplace(folder: configuration[StandardKeys.dataFolder]), configuration)
        } catch {
            ProcessFiles.writeError("martlet: \(ServiceProcess.describe(error))\n")
            return ServiceProcess.ExitCode.failure
        }
    }

    private static func refuse(
        _ error: ConfigurationError, _ name: String, _ operand: String?, _ summary: String,
        _ keys: [any AnyConfigurationKey]
    ) -> Int32 {
        let line = ["martlet", name, operand, "[FLAGS]"].compactMap { $0 }.joined(separator: " ")
        switch error {
        case .helpRequested:
            let help = Configuration.help(for: keys)
            ProcessFiles.writeOutput("martlet \(name): \(summary)\n\nUsage: \(line)\n\n\(help)\n")
            return ServiceProcess.ExitCode.success
        case .refused(let problems):
            for problem in problems { ProcessFiles.writeError("martlet \(name): \(problem)\n") }
            return ServiceProcess.ExitCode.usage
        }
    }

    private static func known(_ names: [String]) -> String? {
        guard let name = names.first, SystemService.all.contains(where: { $0.name == name }) else {
            ProcessFiles.writeError(
                "martlet: there is no service \"\(names.first ?? "")\"; there are \(everyName)\n")
            return nil
        }
        return name
    }

    private static func notRunning(_ workplace: Workplace) -> Int32 {
        ProcessFiles.writeError("martlet: nothing runs in \(workplace.folder); martlet up starts it\n")
        return ServiceProcess.ExitCode.failure
    }

    private static func table(_ status: SystemStatus) -> String {
        var rows = [["SERVICE", "STATE", "ADDRESS", "FOR"]]
        for service in status.services {
            rows.append([
                service.name, service.state, "http://\(service.address)",
                service.problem ?? Duration.seconds(service.seconds).formattedForPeople,
            ])
            for address in service.otherAddresses { rows.append(["", "", address, ""]) }
        }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = (cells + [row[3]]).joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

extension Duration {
    /// `3s`, `12m 5s`, `4h 3m`, `2d 7h`.
    fileprivate var formattedForPeople: String {
        let seconds = components.seconds
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: return "\(seconds / 3600)h \(seconds / 60 % 60)m"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }
}

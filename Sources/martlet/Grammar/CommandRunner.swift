internal import MartletCore
internal import MartletKit

/// From the arguments of the process to its exit code.
enum CommandRunner {
    private static let program = "martlet"

    static func run(_ arguments: [String]) async -> Int32 {
        guard let first = arguments.first else {
            ProcessFiles.writeError(CommandTable.usage)
            return ServiceProcess.ExitCode.usage
        }
        let rest = Array(arguments.dropFirst())
        switch first {
        case "--help", "-h": return await run(HelpCommand.command, rest, after: program)
        case "--version": return await run(VersionCommand.command, rest, after: program)
        default: break
        }
        guard let command = CommandTable.command(first) else {
            let problem = Spelling.unknown(first, among: CommandTable.words, else: "see martlet help")
            ProcessFiles.writeError("\(program): \(problem)\n")
            return ServiceProcess.ExitCode.usage
        }
        return await run(command, rest, after: program)
    }

    /// - Parameter path: what stands before the command's name: `martlet`, `martlet mail`.
    private static func run(_ command: Command, _ arguments: [String], after path: String) async -> Int32 {
        switch command.work {
        case .settings(_, let work): return await work(arguments)
        case .actions: return await runAction(of: command, arguments, after: path)
        case .reading(let work): return await read(arguments, for: command, after: path, work)
        }
    }

    private static func runAction(of command: Command, _ arguments: [String], after path: String) async -> Int32 {
        if let name = arguments.first, ["--help", "-h"].contains(name) {
            ProcessFiles.writeOutput(command.help(after: path))
            return ServiceProcess.ExitCode.success
        }
        let inner = "\(path) \(command.name)"
        if let name = arguments.first, !name.hasPrefix("-") {
            if let action = command.action(name) {
                return await run(action, Array(arguments.dropFirst()), after: inner)
            }
            let words = Operand.Words(noun: "action", all: command.actions.filter { !$0.isHidden }.map(\.name))
            ProcessFiles.writeError("\(inner): \(Spelling.unknown(name, among: words))\n")
            return ServiceProcess.ExitCode.usage
        }
        guard let action = command.actions.first else { return ServiceProcess.ExitCode.usage }
        return await run(action, arguments, after: inner)
    }

    private static func read(
        _ arguments: [String], for command: Command, after path: String,
        _ work: @Sendable (Invocation) async throws -> Int32
    ) async -> Int32 {
        do {
            guard let (operands, flags) = try CommandLineReader.read(arguments, for: command) else {
                ProcessFiles.writeOutput(command.help(after: path))
                return ServiceProcess.ExitCode.success
            }
            let input = Configuration.Input.process(
                arguments: (flags[CommonFlags.dataFolderName] ?? []).map { "--\(CommonFlags.dataFolderName)=\($0)" })
            let folder = try Configuration.load([StandardKeys.dataFolder], from: input)[StandardKeys.dataFolder]
            let invocation = Invocation(
                operands: operands, flags: flags, workplace: Workplace(folder: folder),
                environment: input.environment, terminal: Terminal(environment: input.environment))
            return try await work(invocation)
        } catch {
            return conclude(error, "\(path) \(command.name)")
        }
    }

    /// A wrong use is told with the command's name and ends with 2; whatever else went wrong, with 1.
    private static func conclude(_ error: any Error, _ command: String) -> Int32 {
        switch error {
        case let problem as UsageProblem:
            ProcessFiles.writeError("\(command): \(problem.line)\n")
            return ServiceProcess.ExitCode.usage
        case ConfigurationError.refused(let lines):
            for line in lines { ProcessFiles.writeError("\(command): \(line)\n") }
            return ServiceProcess.ExitCode.usage
        case is OutputClosed:
            // Whoever read has seen enough: `martlet logs | head`.
            return ServiceProcess.ExitCode.success
        default:
            ProcessFiles.writeError("\(program): \(TerminalText.line(ServiceProcess.describe(error)))\n")
            return ServiceProcess.ExitCode.failure
        }
    }
}

internal import MartletKit

/// `martlet help [COMMAND [ACTION]]`.
enum HelpCommand {
    static let command = Command(
        name: "help", summary: "this text; `martlet help up` lists every setting",
        operands: [Operand(name: "COMMAND", isOptional: true), Operand(name: "ACTION", isOptional: true)],
        work: .reading { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        guard let name = invocation.operand(0) else {
            try invocation.terminal.write(CommandTable.usage)
            return ServiceProcess.ExitCode.success
        }
        guard let command = CommandTable.command(name) else {
            throw UsageProblem(Spelling.unknown(name, among: CommandTable.words))
        }
        var help = command.help(after: "martlet")
        if case .settings(_, let work) = command.work { return await work(["--help"]) }
        if let actionName = invocation.operand(1) {
            guard let action = command.action(actionName) else {
                let words = Operand.Words(noun: "action", all: command.actions.map(\.name))
                throw UsageProblem(
                    command.actions.isEmpty
                        ? "\(name) has no actions" : Spelling.unknown(actionName, among: words))
            }
            help = action.help(after: "martlet \(name)")
        }
        try invocation.terminal.write(help)
        return ServiceProcess.ExitCode.success
    }
}

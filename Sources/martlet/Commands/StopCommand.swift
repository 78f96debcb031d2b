internal import MartletKit

/// `martlet stop NAME`.
enum StopCommand {
    static let command = Command(
        name: "stop", summary: "stops one service gracefully; the others go on", operands: [.service],
        work: .reading { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let name = invocation.operands[0]
        try invocation.workplace.requireSystem()
        _ = try await ControlClient(invocation.workplace, patience: ControlClient.stopPatience).stop(name)
        try invocation.terminal.write("\(name) has stopped\n")
        return ServiceProcess.ExitCode.success
    }
}

internal import MartletKit

/// `martlet start NAME`.
enum StartCommand {
    static let command = Command(
        name: "start", summary: "starts one service that was stopped", operands: [.service],
        work: .reading { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let name = invocation.operands[0]
        try invocation.workplace.requireSystem()
        let status = try await ControlClient(invocation.workplace, patience: ControlClient.startPatience).start(name)
        let address = status.services.first { $0.name == name }?.address ?? ""
        try invocation.terminal.write("\(name) runs at http://\(address)\n")
        return ServiceProcess.ExitCode.success
    }
}

internal import Glibc
internal import MartletCore
internal import MartletKit

/// `martlet down`.
enum DownCommand {
    static let command = Command(
        name: "down", summary: "stops what `up` started, gracefully", work: .reading { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let workplace = invocation.workplace
        guard let process = workplace.owner() else {
            try invocation.terminal.write("nothing runs in \(workplace.folder)\n")
            return ServiceProcess.ExitCode.success
        }
        do {
            _ = try await ControlClient(workplace).down()
        } catch {
            // It does not answer: ask it as the system asks.
            kill(process, SIGTERM)
        }
        let end = MonotonicTime.now + ControlClient.stopPatience
        while workplace.owner() == process, MonotonicTime.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        guard workplace.owner() != process else {
            throw ServiceError(
                .deadlineExceeded,
                "process \(process) has not ended within 60 seconds; kill -9 \(process) ends it at once")
        }
        try invocation.terminal.write("everything has stopped\n")
        return ServiceProcess.ExitCode.success
    }
}

internal import MartletKit

/// `martlet version`.
enum VersionCommand {
    static let command = Command(
        name: "version", summary: "the version of this program",
        work: .reading { invocation in
            try invocation.terminal.write("martlet \(Martlet.version)\n")
            return ServiceProcess.ExitCode.success
        })
}

internal import MartletKit

/// `martlet completion bash`, `zsh` or `fish`.
enum CompletionCommand {
    static let command = Command.group(
        "completion", "prints what bash, zsh or fish read to complete this command",
        details: """
            For the shell that runs:

              source <(martlet completion bash)
              source <(martlet completion zsh)
              martlet completion fish | source
            """,
        CompletionScript.allCases.map(script) + [candidates])

    private static func script(_ shell: CompletionScript) -> Command {
        Command(
            name: shell.rawValue, summary: "the script for \(shell.rawValue)",
            work: .reading { invocation in
                try invocation.terminal.write(shell.text)
                return ServiceProcess.ExitCode.success
            })
    }

    /// What the scripts ask: a line for each word that could stand at the cursor, with a tab before what it means.
    private static let candidates = Command(
        name: "candidates", summary: "for the scripts: what could come next",
        operands: [Operand(name: "WORD", isOptional: true, isRepeated: true)], isHidden: true,
        work: .reading { invocation in
            switch CompletionCandidates.find(invocation.operands) {
            case .folders: try invocation.terminal.write("::folders\n")
            case .words(let candidates):
                let lines = candidates.map { $0.about.isEmpty ? $0.word : "\($0.word)\t\($0.about)" }
                try invocation.terminal.write(lines.map { $0 + "\n" }.joined())
            }
            return ServiceProcess.ExitCode.success
        })
}

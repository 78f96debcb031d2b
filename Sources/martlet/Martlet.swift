// martlet: the command that runs and inspects the system. It parses a command line, talks to a running system over its
// control socket, and prints. What the system is, is in System; how a process lives, is in Kit.

internal import Glibc
internal import MartletKit

@main enum Martlet {
    static let version = "0.1.0"

    static let usage = """
        martlet: runs the system on one machine

        Usage: martlet COMMAND [FLAGS]

          up             starts every service in this process, until Ctrl-C
          up --detach    the same in the background; returns once everything is ready
          up --only A,B  only these services; the others can be started later
          down           stops what `up` started, gracefully
          status         what runs, where, and for how long (--json for programs)
          start NAME     starts one service that was stopped
          stop NAME      stops one service gracefully
          version        the version of this program
          help           this text; `martlet help up` lists every setting

        The stores, the log and the control socket are in .martlet/ (--data-dir or DATA_DIR for another folder).

        """

    static func main() async {
        ServiceProcess.end(await run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        guard let command = arguments.first else {
            ProcessFiles.writeError(usage)
            return ServiceProcess.ExitCode.usage
        }
        let rest = Array(arguments.dropFirst())
        switch command {
        case "up": return await UpCommand.run(rest)
        case "down": return await ControlCommands.down(rest)
        case "status": return await ControlCommands.status(rest)
        case "start": return await ControlCommands.start(rest)
        case "stop": return await ControlCommands.stop(rest)
        case "version", "--version":
            ProcessFiles.writeOutput("martlet \(version)\n")
            return ServiceProcess.ExitCode.success
        case "help" where !rest.isEmpty && rest != ["help"]:
            return await run([rest[0], "--help"])
        case "help", "--help", "-h":
            ProcessFiles.writeOutput(usage)
            return ServiceProcess.ExitCode.success
        default:
            ProcessFiles.writeError("martlet: there is no command \"\(command)\"; see martlet help\n")
            return ServiceProcess.ExitCode.usage
        }
    }
}

// martlet: the command that runs and inspects the system. It reads a command line, talks to a running system, and prints.
// What the system is, is in System; how a process lives, is in Kit.
//
// Grammar says what a command line may be, Commands has a file for each command, Control is the side of the running
// system, and the other folders are what several commands use.

internal import MartletCore
internal import MartletKit

@main enum Martlet {
    static let version = "0.1.0"

    static func main() async {
        ServiceProcess.end(await CommandRunner.run(Array(CommandLine.arguments.dropFirst())))
    }
}

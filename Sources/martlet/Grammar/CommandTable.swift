/// Every command there is, in the order of the help.
enum CommandTable {
    static let all: [Command] = [
        UpCommand.command, DownCommand.command, StatusCommand.command, StartCommand.command, StopCommand.command,
        LogsCommand.command, CallCommand.command, MailCommand.command, EventsCommand.command, BusCommand.command,
        CompletionCommand.command, VersionCommand.command, HelpCommand.command,
    ]

    static func command(_ name: String) -> Command? { all.first { $0.name == name } }

    static var words: Operand.Words { Operand.Words(noun: "command", all: all.map(\.name)) }

    static var usage: String {
        """
        martlet: runs the system on one machine, and shows what goes on in it

        Usage: martlet COMMAND [FLAGS]

        \(Command.list(all.filter { !$0.isHidden }))
        `martlet up --detach` begins, and `martlet help COMMAND` says what a command takes. The stores, the log and the
        control socket are in .martlet/ (--data-dir or DATA_DIR for another folder).

        """
    }
}

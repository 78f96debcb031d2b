internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// `martlet mail`: the mailbox of the mail service.
enum MailCommand {
    private static let limit = Flag(
        name: "limit", letter: "n", placeholder: "COUNT", type: .integer(in: 1...500),
        help: "How many of the newest messages; 20 by default.")
    private static let all = Flag.on("all", nil, "Deletes every message.")
    private static let id = Operand(name: "ID")

    static let command = Command.group(
        "mail", "lists, shows and deletes the messages in the mailbox",
        details:
            "Where the mail service asks for a token, MAILBOX_TOKEN (or MAILBOX_TOKEN_FILE) has to say it here too.",
        [
            Command(
                name: "list", summary: "the newest messages", flags: [limit, CommonFlags.json],
                work: .reading { try await list($0) }),
            Command(
                name: "show", summary: "one message: its headers and its text", operands: [id],
                flags: [CommonFlags.json], work: .reading { try await show($0) }),
            Command(
                name: "source", summary: "one message as it was received", operands: [id],
                work: .reading { try await source($0) }),
            Command(
                name: "delete", summary: "deletes one message, or with --all every one",
                operands: [Operand(name: "ID", isOptional: true)], flags: [all], work: .reading { try await delete($0) }
            ),
        ])

    // MARK: Actions

    private static func list(_ invocation: Invocation) async throws -> Int32 {
        let terminal = invocation.terminal
        let mailbox = try await MailboxClient(for: invocation)
        let page = try await mailbox.send(.get, "/messages?limit=\(invocation[limit] ?? 20)")
        if invocation.has(CommonFlags.json) {
            try terminal.write(page + [0x0A])
            return ServiceProcess.ExitCode.success
        }
        let messages = try JSON.decode(MailListing.self, from: page).messages
        guard !messages.isEmpty else {
            try terminal.write("the mailbox is empty\n")
            return ServiceProcess.ExitCode.success
        }
        var table = TextTable(["ID", "RECEIVED", "STATE", "FROM", "TO", "SUBJECT"], right: [0])
        for message in messages {
            table.add([
                "\(message.id)", message.createdAt.secondsText, message.state,
                TerminalText.line(message.from.isEmpty ? message.sender : message.from, limit: 40),
                TerminalText.line(message.to.joined(separator: ", "), limit: 40), message.subject,
            ])
        }
        try terminal.write(table.text(width: terminal.width))
        return ServiceProcess.ExitCode.success
    }

    private static func show(_ invocation: Invocation) async throws -> Int32 {
        let terminal = invocation.terminal
        let path = try path(invocation.operand(0))
        let mailbox = try await MailboxClient(for: invocation)
        let detail = try await mailbox.send(.get, path)
        if invocation.has(CommonFlags.json) {
            try terminal.write(detail + [0x0A])
            return ServiceProcess.ExitCode.success
        }
        let message = try JSON.decode(ListedMail.self, from: detail)
        var text = ""
        let fields = [
            ("From", message.from.isEmpty ? message.sender : message.from), ("To", message.to.joined(separator: ", ")),
            ("Subject", message.subject), ("Received", message.createdAt.secondsText), ("State", message.state),
            ("Error", message.lastError),
            ("Attachments", message.attachments.map { "\($0.name) (\($0.size) bytes)" }.joined(separator: ", ")),
        ]
        for (name, value) in fields where !value.isEmpty { text += "\(name): \(TerminalText.line(value))\n" }
        if message.hasPlain {
            let plain = String(decoding: try await mailbox.send(.get, path + "/plain"), as: UTF8.self)
            text += "\n" + TerminalText.block(plain)
            if !plain.hasSuffix("\n") { text += "\n" }
        } else if message.hasHTML {
            text += "\nIt has HTML and no plain text: martlet call mail \(path)/html\n"
        }
        try terminal.write(text)
        return ServiceProcess.ExitCode.success
    }

    private static func source(_ invocation: Invocation) async throws -> Int32 {
        let terminal = invocation.terminal
        let path = try path(invocation.operand(0))
        let bytes = try await MailboxClient(for: invocation).send(.get, path + "/source")
        if terminal.isTerminal {
            try terminal.write(TerminalText.block(String(decoding: bytes, as: UTF8.self)))
        } else {
            try terminal.write(bytes)
        }
        return ServiceProcess.ExitCode.success
    }

    private static func delete(_ invocation: Invocation) async throws -> Int32 {
        let isAll = invocation.has(all)
        guard isAll == (invocation.operand(0) == nil) else {
            throw UsageProblem(
                isAll ? "--all and an ID contradict each other" : "ID is missing, or --all for every message")
        }
        let path = isAll ? "/messages" : try path(invocation.operand(0))
        let answer = try await MailboxClient(for: invocation).send(.delete, path)
        let said = try JSON.decode(PlainEnvelope.self, from: answer).message
        try invocation.terminal.write("\(said)\n")
        return ServiceProcess.ExitCode.success
    }

    private static func path(_ id: String?) throws -> String {
        guard let id, let number = Int64(id), number > 0 else {
            throw UsageProblem("ID is a number that `martlet mail list` shows")
        }
        return "/messages/\(number)"
    }
}

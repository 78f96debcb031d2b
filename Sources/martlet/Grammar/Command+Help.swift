internal import MartletCore

extension Command {
    /// `martlet mail show ID [FLAGS]`.
    func usage(after path: String) -> String {
        let words = [path, name] + (actions.isEmpty ? operands.map(\.shown) : ["ACTION"]) + ["[FLAGS]"]
        return words.joined(separator: " ")
    }

    /// What `--help` prints.
    func help(after path: String) -> String {
        var text = "\(path) \(name): \(summary)\n\nUsage: \(usage(after: path))\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        let listed = actions.filter { !$0.isHidden }
        if !listed.isEmpty {
            text += "\n" + Self.list(listed) + "\nWithout an action, \(listed[0].name) is meant.\n"
            return text + "`\(path) help \(name) ACTION` says what an action takes.\n"
        }
        return text + "\n" + allFlags.map(\.helpText).joined(separator: "\n") + "\n"
    }

    /// A line for each command: its name with what it takes, and its summary.
    static func list(_ commands: [Command]) -> String {
        let names = commands.map { command in
            ([command.name] + (command.actions.isEmpty ? command.operands.map(\.shown) : ["[ACTION]"]))
                .joined(separator: " ")
        }
        let width = names.map(\.count).max() ?? 0
        return zip(names, commands).map { name, command in
            "  \(name)\(String(repeating: " ", count: width - name.count))  \(command.summary)\n"
        }.joined()
    }
}

extension AnyFlag {
    fileprivate var helpText: String {
        let value = placeholder.map { "=\($0)" } ?? ""
        let letter = letter.map { "-\($0), " } ?? ""
        let repeated = isRepeatable ? " May be given several times." : ""
        let allowed = placeholder == nil ? "" : "\n      Allowed: \(allowed).\(repeated)"
        return "  \(letter)--\(name)\(value)\n      \(help)\(allowed)"
    }
}

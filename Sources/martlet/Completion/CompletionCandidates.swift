/// What could stand at the cursor.
enum CompletionCandidates {
    struct Candidate: Equatable {
        let word: String
        /// Shown beside it, where a shell does that.
        var about = ""
    }

    enum Answer: Equatable {
        case words([Candidate])
        /// The shell's own completion of folders.
        case folders
    }

    /// - Parameter words: of the command line without the program's name; the last is the one at the cursor, up to
    ///   there.
    static func find(_ words: [String], among table: [Command] = CommandTable.all) -> Answer {
        let words = joined(words)
        let current = words.last ?? ""
        var before = words.dropLast()
        guard let name = before.first else {
            return .words(matching(current, table.filter { !$0.isHidden }.map { Candidate($0) }))
        }
        guard var command = table.first(where: { $0.name == name }) else { return .words([]) }
        before = before.dropFirst()
        if command.name == HelpCommand.command.name { return help(Array(before), current, table) }
        if !command.actions.isEmpty {
            let actions = command.actions.filter { !$0.isHidden }.map { Candidate($0) }
            guard let first = before.first else {
                guard current.hasPrefix("-") else { return .words(matching(current, actions)) }
                return complete(current, after: [], command)
            }
            if first.hasPrefix("-") { return complete(current, after: before, command.actions[0]) }
            guard let action = command.action(first) else { return .words([]) }
            command = action
            before = before.dropFirst()
        }
        return complete(current, after: before, command)
    }

    private static func help(_ before: [String], _ current: String, _ table: [Command]) -> Answer {
        switch before.count {
        case 0: .words(matching(current, table.filter { !$0.isHidden }.map { Candidate($0) }))
        case 1:
            .words(
                matching(
                    current,
                    (table.first { $0.name == before[0] }?.actions ?? []).filter { !$0.isHidden }.map { Candidate($0) })
            )
        default: .words([])
        }
    }

    // MARK: One command

    private static func complete(_ current: String, after before: ArraySlice<String>, _ command: Command) -> Answer {
        var operandCount = 0
        var given: Set<String> = []
        var rest = before
        while let word = rest.popFirst() {
            if word == "--" {
                // Only operands follow.
                return operand(operandCount + rest.count, current, command)
            }
            guard let flag = flag(word, command) else {
                if !word.hasPrefix("-") { operandCount += 1 }
                continue
            }
            given.insert(flag.name)
            guard flag.placeholder != nil, !word.hasPrefix("--") || !word.contains("=") else { continue }
            if rest.isEmpty { return values(of: flag, current, after: "") }
            rest.removeFirst()
        }
        if current.hasPrefix("--"), let equals = current.firstIndex(of: "="), let flag = flag(current, command) {
            let value = String(current[current.index(after: equals)...])
            return values(of: flag, value, after: String(current[...equals]))
        }
        if current.hasPrefix("-") {
            let flags = command.allFlags.filter { $0.isRepeatable || !given.contains($0.name) }
            let all = flags.map { Candidate(word: "--\($0.name)", about: $0.help) }
            return .words(matching(current, all + [Candidate(word: "--help", about: "Says what the command takes.")]))
        }
        return operand(operandCount, current, command)
    }

    private static func flag(_ word: String, _ command: Command) -> (any AnyFlag)? {
        if word.hasPrefix("--") {
            let name = word.dropFirst(2).prefix { $0 != "=" }
            return command.allFlags.first { $0.name == name }
        }
        guard word.count == 2, word.hasPrefix("-") else { return nil }
        return command.allFlags.first { $0.letter == word.last }
    }

    private static func operand(_ index: Int, _ current: String, _ command: Command) -> Answer {
        let last = command.operands.last
        let operand =
            command.operands.indices.contains(index)
            ? command.operands[index] : last.flatMap { $0.isRepeated ? $0 : nil }
        return .words(matching(current, (operand?.words?.all ?? []).map { Candidate(word: $0) }))
    }

    private static func values(of flag: any AnyFlag, _ value: String, after prefix: String) -> Answer {
        if flag.namesFolder { return .folders }
        // Of a list, the last item.
        let start = value.lastIndex(of: ",").map { value.index(after: $0) } ?? value.startIndex
        let taken = prefix + value[..<start]
        let isList = start == value.startIndex || flag.accepts(String(value[..<start].dropLast()))
        return .words(
            matching(String(value[start...]), isList ? flag.choices.map { Candidate(word: $0) } : [])
                .map { Candidate(word: taken + $0.word, about: $0.about) })
    }

    private static func matching(_ current: String, _ candidates: [Candidate]) -> [Candidate] {
        candidates.filter { $0.word.hasPrefix(current) }
    }

    /// bash hands `--only=logger` over as three words.
    private static func joined(_ words: [String]) -> [String] {
        var joined: [String] = []
        var isValue = false
        for word in words {
            if word == "=", let last = joined.last, last.hasPrefix("--"), !last.contains("=") {
                joined[joined.count - 1] += "="
                isValue = true
            } else if isValue {
                joined[joined.count - 1] += word
                isValue = false
            } else {
                joined.append(word)
            }
        }
        return joined
    }
}

extension CompletionCandidates.Candidate {
    fileprivate init(_ command: Command) { self.init(word: command.name, about: command.summary) }
}

internal import MartletCore

/// Sorts the arguments of a command into flags and operands, as POSIX and GNU programs do: `--name=value`,
/// `--name value`, `-n value`, `-nvalue`, switches together as in `-fn 20`, and `--` before what only looks like a flag.
struct CommandLineReader {
    private let command: Command
    private(set) var operands: [String] = []
    private(set) var flags: [String: [String]] = [:]

    private init(_ command: Command) { self.command = command }

    /// - Returns: nil when help is asked for.
    static func read(
        _ arguments: [String], for command: Command
    ) throws(UsageProblem) -> (operands: [String], flags: [String: [String]])? {
        var reader = Self(command)
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                reader.operands += rest
                break
            }
            if argument == "--help" || argument == "-h" { return nil }
            if argument.hasPrefix("--") {
                try reader.readName(argument, &rest)
            } else if argument.hasPrefix("-"), argument != "-" {
                try reader.readLetters(argument, &rest)
            } else {
                reader.operands.append(argument)
            }
        }
        try reader.checkOperands()
        return (reader.operands, reader.flags)
    }

    // MARK: Flags

    private mutating func readName(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageProblem) {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        guard let flag = command.allFlags.first(where: { $0.name == name }) else {
            let hint = Spelling.nearest(to: name, among: command.allFlags.map(\.name)).map { "did you mean --\($0)?" }
            throw UsageProblem("unknown flag \"--\(TerminalText.line(name, limit: 64))\"; \(hint ?? "see --help")")
        }
        if parts.count == 2 {
            guard flag.placeholder != nil else { throw UsageProblem("--\(name) takes no value") }
            try set(flag, String(parts[1]), as: "--\(name)")
        } else if let placeholder = flag.placeholder {
            try set(flag, try Self.value("--\(name)=\(placeholder)", "--\(name)", &rest), as: "--\(name)")
        } else {
            try set(flag, "true", as: "--\(name)")
        }
    }

    private mutating func readLetters(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageProblem) {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = command.allFlags.first(where: { $0.letter == letter }) else {
                throw UsageProblem("unknown flag \"\(TerminalText.line(argument, limit: 64))\"; see --help")
            }
            guard let placeholder = flag.placeholder else {
                try set(flag, "true", as: "-\(letter)")
                continue
            }
            let value =
                letters.isEmpty ? try Self.value("-\(letter) \(placeholder)", "-\(letter)", &rest) : String(letters)
            return try set(flag, value, as: "-\(letter)")
        }
    }

    private static func value(
        _ usage: String, _ shown: String, _ rest: inout ArraySlice<String>
    ) throws(UsageProblem) -> String {
        guard let value = rest.first, !value.hasPrefix("--") else {
            throw UsageProblem("\(shown) needs a value: \(usage)")
        }
        rest.removeFirst()
        return value
    }

    private mutating func set(_ flag: any AnyFlag, _ value: String, as shown: String) throws(UsageProblem) {
        guard flag.accepts(value) else {
            throw UsageProblem("\(shown) is \"\(TerminalText.line(value, limit: 200))\"; allowed: \(flag.allowed)")
        }
        if !flag.isRepeatable, let earlier = flags[flag.name]?.last, earlier != value {
            let both = [earlier, value].map { "\"\(TerminalText.line($0, limit: 64))\"" }
            throw UsageProblem("\(shown) is given twice: \(both.joined(separator: " and "))")
        }
        flags[flag.name, default: []].append(value)
    }

    // MARK: Operands

    private func checkOperands() throws(UsageProblem) {
        for (index, operand) in command.operands.enumerated() {
            guard operands.indices.contains(index) else {
                if operand.isOptional { return }
                throw UsageProblem("\(operand.name) is missing; see --help")
            }
            for text in operand.isRepeated ? operands[index...] : operands[index...index] {
                if let problem = operand.problem(with: text) { throw UsageProblem(problem) }
            }
            if operand.isRepeated { return }
        }
        guard operands.count <= command.operands.count else {
            let unexpected = operands[command.operands.count]
            throw UsageProblem("unexpected argument \"\(TerminalText.line(unexpected, limit: 64))\"")
        }
    }
}

internal import MartletCore
internal import MartletKit

/// A command line that was read: every operand and flag in it is allowed.
struct Invocation: Sendable {
    let operands: [String]
    private let flags: [String: [String]]
    /// The system that is meant.
    let workplace: Workplace
    let environment: [String: String]
    /// Where its answer goes.
    let terminal: Terminal

    init(
        operands: [String], flags: [String: [String]], workplace: Workplace, environment: [String: String],
        terminal: Terminal
    ) {
        self.operands = operands
        self.flags = flags
        self.workplace = workplace
        self.environment = environment
        self.terminal = terminal
    }

    func has(_ flag: Flag<Bool>) -> Bool { self[flag] ?? false }

    /// The value of a flag; nil when it was not given.
    subscript<Value>(flag: Flag<Value>) -> Value? { flags[flag.name]?.last.flatMap(flag.type.parse) }

    /// The values of a flag that may be given several times.
    func all<Value>(_ flag: Flag<Value>) -> [Value] { (flags[flag.name] ?? []).compactMap(flag.type.parse) }

    /// The operand at that place; nil when it was left out.
    func operand(_ index: Int) -> String? { operands.indices.contains(index) ? operands[index] : nil }
}

/// The command line is wrong: one line, and exit code 2.
struct UsageProblem: Error, Equatable {
    let line: String

    init(_ line: String) { self.line = line }
}

import MartletCore
import Testing

@testable import martlet

@Suite("A command line")
struct CommandLineTests {
    private static let count = Flag(
        name: "count", letter: "n", placeholder: "COUNT", type: .integer(in: 0...100), help: "How many.")
    private static let follow = Flag.on("follow", "f", "Goes on.")
    private static let quiet = Flag.on("quiet", "q", "Says less.")
    private static let header = Flag(
        name: "header", letter: "H", placeholder: "TEXT", type: .text, help: "What goes along.", isRepeatable: true)
    private static let command = Command(
        name: "look", summary: "looks at colours",
        operands: [
            Operand(name: "COLOUR", words: .init(noun: "colour", all: ["red", "green", "blue"])),
            Operand(name: "WORD", isOptional: true, isRepeated: true),
        ], flags: [count, follow, quiet, header], work: .reading { _ in 0 })

    private func read(_ words: String...) throws -> Invocation? {
        try CommandLineReader.read(words, for: Self.command).map {
            Invocation(
                operands: $0.operands, flags: $0.flags, workplace: Workplace(folder: "."),
                environment: [:],
                terminal: Terminal(isTerminal: false) { _ in })
        }
    }

    private func problem(_ words: String...) -> String? {
        do {
            _ = try CommandLineReader.read(words, for: Self.command)
            return nil
        } catch {
            return error.line
        }
    }

    @Test(
        "has its flags anywhere, with the value behind a sign, in the next word, or at the letter",
        arguments: [
            ["--count=7", "--follow", "red"], ["red", "--count", "7", "-f"], ["-f", "-n", "7", "red"],
            ["-n7", "red", "-f"], ["-fn", "7", "red"], ["-fn7", "red"], ["red", "-n", "7", "-n7", "--follow", "-f"],
        ])
    func forms(words: [String]) throws {
        let (operands, flags) = try #require(try CommandLineReader.read(words, for: Self.command))
        let invocation = Invocation(
            operands: operands, flags: flags, workplace: Workplace(folder: "."), environment: [:],
            terminal: Terminal(isTerminal: false) { _ in })
        #expect(invocation.operands == ["red"])
        #expect(invocation[Self.count] == 7)
        #expect(invocation.has(Self.follow) && !invocation.has(Self.quiet))
    }

    @Test("has operands that look like flags after --, and - is an operand")
    func end() throws {
        let invocation = try #require(try read("red", "-", "--", "-f", "--count"))
        #expect(invocation.operands == ["red", "-", "-f", "--count"])
        #expect(!invocation.has(Self.follow))
    }

    @Test("keeps every value of a flag that may be repeated, in order")
    func repeated() throws {
        let invocation = try #require(try read("red", "-H", "a: 1", "--header=b: 2", "-Ha: 1"))
        #expect(invocation.all(Self.header) == ["a: 1", "b: 2", "a: 1"])
    }

    @Test("asks for help wherever --help or -h stands, and whatever else is missing")
    func help() throws {
        #expect(try read("--help") == nil)
        #expect(try read("-f", "-h") == nil)
        #expect(try read("red", "--", "--help") != nil)
    }

    @Test("that is wrong is answered with what is wrong and what would be right")
    func problems() {
        #expect(problem() == "COLOUR is missing; see --help")
        #expect(problem("rde") == #"there is no colour "rde"; did you mean red?"#)
        #expect(problem("magenta") == #"there is no colour "magenta"; there are red, green, blue"#)
        #expect(problem("red", "--cuont=1") == #"unknown flag "--cuont"; did you mean --count?"#)
        #expect(problem("red", "--something") == #"unknown flag "--something"; see --help"#)
        #expect(problem("red", "-fx") == #"unknown flag "-fx"; see --help"#)
        #expect(problem("red", "--count") == "--count needs a value: --count=COUNT")
        #expect(problem("red", "-n", "--follow") == "-n needs a value: -n COUNT")
        #expect(problem("red", "--count=101") == #"--count is "101"; allowed: an integer from 0 to 100"#)
        #expect(problem("red", "-n", "x") == #"-n is "x"; allowed: an integer from 0 to 100"#)
        #expect(problem("red", "--follow=yes") == "--follow takes no value")
        #expect(problem("red", "-n1", "--count=2") == #"--count is given twice: "1" and "2""#)
    }

    @Test("cannot make its answer more than a line, nor move the terminal's cursor")
    func hostile() {
        let hostile = "\u{1B}[2J\nred"
        for words in [[hostile], ["--" + hostile], ["-" + hostile], ["red", "-n", hostile]] {
            var line = ""
            do { _ = try CommandLineReader.read(words, for: Self.command) } catch { line = error.line }
            #expect(!line.isEmpty && !line.contains("\u{1B}") && !line.contains("\n"), "\(words)")
        }
        #expect((problem(String(repeating: "x", count: 100_000)) ?? "").count < 200)
    }

    @Test("may not have more operands than the command takes")
    func tooMany() {
        let two = Command(name: "two", summary: "", operands: [Operand(name: "A")], work: .reading { _ in 0 })
        #expect(throws: UsageProblem(#"unexpected argument "c""#)) {
            try CommandLineReader.read(["a", "c", "d"], for: two)
        }
    }
}

@Suite("Spelling")
struct SpellingTests {
    @Test(
        "counts letters put in, taken out, replaced, and swapped",
        arguments: [
            ("", "", 0), ("", "ab", 2), ("status", "status", 0), ("stauts", "status", 1), ("statu", "status", 1),
            ("sttus", "status", 1), ("xtatus", "status", 1), ("logs", "mail", 4),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Spelling.distance(left, right) == expected)
        #expect(Spelling.distance(right, left) == expected)
    }

    @Test("suggests what is near, and nothing for a word of which nothing would be left")
    func nearest() {
        #expect(Spelling.nearest(to: "stpo", among: ["start", "stop", "status"]) == "stop")
        #expect(Spelling.nearest(to: "xyz", among: ["start", "stop"]) == nil)
        #expect(Spelling.nearest(to: "x", among: ["up"]) == nil)
        #expect(Spelling.nearest(to: "", among: ["up"]) == nil)
    }
}

@Suite("The table of commands")
struct CommandTableTests {
    private static var everyCommand: [Command] { CommandTable.all.flatMap { [$0] + $0.actions } }

    @Test("names each command once, and each of a command's flags once")
    func unique() {
        #expect(Set(CommandTable.all.map(\.name)).count == CommandTable.all.count)
        for command in Self.everyCommand {
            let names = command.allFlags.map(\.name)
            let letters = command.allFlags.compactMap(\.letter)
            #expect(Set(names).count == names.count, "\(command.name)")
            #expect(Set(letters).count == letters.count, "\(command.name)")
            #expect(!names.contains("help") && !letters.contains("h"), "\(command.name): these ask for help")
        }
    }

    @Test("has operands of which only the last are optional, and at most the last is repeated")
    func operands() {
        for command in Self.everyCommand {
            let optional = command.operands.map(\.isOptional)
            #expect(optional == optional.sorted { !$0 && $1 }, "\(command.name)")
            #expect(!command.operands.dropLast().contains { $0.isRepeated }, "\(command.name)")
        }
    }

    @Test("says of each command in one line what it does, and help says what it takes")
    func help() {
        for command in CommandTable.all where !command.isHidden {
            #expect(CommandTable.usage.contains("\n  \(command.name)"), "\(command.name)")
        }
        for command in Self.everyCommand {
            #expect(!command.summary.isEmpty && !command.summary.contains("\n") && command.summary.last != ".")
            let help = command.help(after: "martlet")
            for operand in command.operands { #expect(help.contains(operand.shown), "\(command.name)") }
            guard command.actions.isEmpty else { continue }
            for flag in command.allFlags { #expect(help.contains("--\(flag.name)"), "\(command.name)") }
            #expect(help.split(separator: "\n").allSatisfy { $0.count <= 240 })
        }
    }
}

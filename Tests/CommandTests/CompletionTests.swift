import MartletSystem
import Testing

@testable import martlet

@Suite("Completion")
struct CompletionTests {
    private func words(_ line: String...) -> [String] {
        guard case .words(let candidates) = CompletionCandidates.find(line) else { return ["::folders"] }
        return candidates.map(\.word)
    }

    @Test("offers commands, and says of each what it does")
    func commands() {
        #expect(words("") == CommandTable.all.filter { !$0.isHidden }.map(\.name))
        #expect(words("st") == ["status", "start", "stop"])
        #expect(words("nothing") == [])
        #expect(
            CompletionCandidates.find(["vers"])
                == .words([.init(word: "version", about: VersionCommand.command.summary)]))
    }

    @Test("offers services where a service is asked for, and only once")
    func services() {
        #expect(words("start", "") == SystemService.all.map(\.name))
        #expect(words("stop", "br") == ["broker"])
        #expect(words("call", "--timeout", "3s", "au") == ["authentication"])
        #expect(words("logs", "-f", "ma").contains("martlet"))
        #expect(words("stop", "logger", "") == [])
        #expect(words("status", "") == [])
    }

    @Test("offers the flags that were not given yet, and --help")
    func flags() {
        #expect(words("status", "--") == ["--json", "--data-dir", "--help"])
        #expect(words("status", "--json", "--") == ["--data-dir", "--help"])
        #expect(words("logs", "-f", "--f") == [])
        #expect(words("call", "-H", "a: b", "--he") == ["--header", "--help"])
        #expect(words("up", "--det") == ["--detach"])
    }

    @Test("offers the values of a flag, in the next word, behind its sign, and after a comma")
    func values() {
        #expect(words("logs", "--level", "w") == ["warning"])
        #expect(words("logs", "--level=w") == ["--level=warning"])
        #expect(words("up", "--only", "bro") == ["broker"])
        #expect(words("up", "--only=logger,bro") == ["--only=logger,broker"])
        #expect(words("up", "--only", "nobody,bro") == [])
        #expect(words("call", "-X", "PA") == ["PATCH"])
        #expect(words("status", "--data-dir", "") == ["::folders"])
        #expect(words("status", "--data-dir=") == ["::folders"])
        #expect(words("logs", "--lines", "") == [])
    }

    @Test("understands a flag that bash cuts at its sign")
    func bash() {
        #expect(words("logs", "--level", "=", "w") == ["--level=warning"])
        #expect(
            words("logs", "--level", "=")
                == ["trace", "debug", "info", "notice", "warning", "error", "critical"]
                .map { "--level=" + $0 })
        #expect(words("logs", "--level", "=", "error", "br") == ["broker"])
    }

    @Test("offers the actions of a command, and what they take")
    func actions() {
        #expect(words("completion", "") == ["bash", "zsh", "fish"])
        #expect(words("completion", "candidates", "") == [])
        #expect(words("help", "comp") == ["completion"])
        #expect(words("help", "completion", "f") == ["fish"])
    }

    @Test("offers nothing after -- that is no operand")
    func afterEnd() {
        #expect(words("start", "--", "lo") == ["logger"])
        #expect(words("start", "--", "--j") == [])
    }
}

import MartletCore
import Testing

@testable import martlet

@Suite("Output for people")
struct OutputTests {
    @Test(
        "a table's columns are as wide as their widest cell, numbers stand at the right, and nothing follows the last")
    func table() {
        var table = TextTable(["ID", "NAME", "TEXT"], right: [0])
        table.add(["7", "a", "short"])
        table.add(["123", "longer", "x\ny"])
        table.add(["", "alone"])
        #expect(
            table.text() == """
                 ID  NAME    TEXT
                  7  a       short
                123  longer  x\\u{a}y
                     alone

                """)
        #expect(table.text(width: 12).split(separator: "\n")[2] == "123  longer…")
    }

    @Test("a text from elsewhere cannot command the terminal, and keeps everything else")
    func terminalText() {
        #expect(TerminalText.line("Grüße, 世界 🐦") == "Grüße, 世界 🐦")
        #expect(TerminalText.line("a\u{1B}[31m\r\n\u{9B}2J\u{202E}b") == "a\\u{1b}[31m\\u{d}\\u{a}\\u{9b}2J\\u{202e}b")
        #expect(TerminalText.block("one\r\n\ttwo\n\u{7}") == "one\n\ttwo\n\\u{7}")
        #expect(TerminalText.line("abcdef", limit: 4) == "abc…")
        #expect(TerminalText.line(String(repeating: "é", count: 10), limit: 10) == "éééééééééé")
    }

    @Test("JSON is put into lines, and its numbers, keys and escapes stay as they were")
    func prettyJSON() {
        let json = #"{"b":1.10,"a":[1,{"x":"q\"}\\"},[ ],{}],"b":18446744073709551616, "ü":"\u00e9"}"#
        #expect(
            PrettyJSON.text(Array(json.utf8)) == #"""
                {
                  "b": 1.10,
                  "a": [
                    1,
                    {
                      "x": "q\"}\\"
                    },
                    [],
                    {}
                  ],
                  "b": 18446744073709551616,
                  "ü": "\u00e9"
                }

                """#)
        #expect(PrettyJSON.text(Array("true ".utf8)) == "true\n")
        #expect(PrettyJSON.text(Array("{".utf8)) == nil)
        #expect(PrettyJSON.text(Array("<p>".utf8)) == nil)
    }

    @Test("in JSON keys have a colour, and what a terminal obeys is spelt out")
    func coloredJSON() {
        let json = Array("{\"k\":[\"v\",{\"\u{9B}\":\"\u{202E}\"}]}".utf8)
        let text = PrettyJSON.text(json, hasColors: true) ?? ""
        #expect(text.contains("\u{1B}[36m\"k\"\u{1B}[0m: ["))
        #expect(text.contains("    \"v\","))
        #expect(text.contains("\u{1B}[36m\"\\u009b\"\u{1B}[0m: \"\\u202e\""))
    }

    @Test(
        "durations have the two units that matter",
        arguments: [(59, "59s"), (61, "1m 1s"), (7260, "2h 1m"), (90_000, "1d 1h")])
    func durations(seconds: Int, text: String) {
        #expect(Duration.seconds(seconds).formattedForPeople == text)
    }

    @Test("no colours are used where nobody sees them, or where they are not wanted")
    func colors() {
        #expect(!Terminal(environment: ["NO_COLOR": "1"]).hasColors)
        #expect(!Terminal(environment: ["TERM": "dumb"]).hasColors)
    }
}

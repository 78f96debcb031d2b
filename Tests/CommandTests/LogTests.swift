import FoundationEssentials
import Glibc
import MartletCore
import Testing

@testable import martlet

@Suite("The log of a system")
struct LogTests {
    private final class Folder {
        let path =
            FileManager.default.temporaryDirectory.path + "/martlet-log-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        var log: String { path + "/martlet.log" }

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func append(_ text: String) throws {
            let file = try #require(fopen(log, "a"))
            fputs(text, file)
            fclose(file)
        }
    }

    private static func record(_ service: String, _ message: String, _ level: String = "info") -> String {
        #"{"ts":"2026-11-20T14:49:40.807Z","level":"\#(level)","service":"\#(service)","msg":"\#(message)"}"# + "\n"
    }

    private func texts(_ lines: [LogLine]) -> [String] { lines.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test("a record is shown as a system in the foreground shows it")
    func rendering() {
        let line = LogLine(
            Array(
                #"{"ts":"2026-11-20T14:49:40.807Z","level":"warning","service":"broker","msg":"request","trace_id":"4bf9","span_id":"86a8","status":202,"ok":true,"share":0.5,"list":[1,"x"],"evil":"a\u001b[2Jb"}"#
                    .utf8))
        #expect(line.service == "broker" && line.level == .warning)
        #expect(
            String(decoding: line.text(hasColors: false), as: UTF8.self)
                == "14:49:40.807 WARNING  broker request trace_id=4bf9 status=202 ok=true share=0.5 list=[1, x] evil=a\\u{1b}[2Jb\n"
        )
        #expect(String(decoding: line.text(hasColors: true), as: UTF8.self).contains("\u{1B}[33mWARNING"))
    }

    @Test("a line as text, and one of somebody else, are told apart and shown as they are")
    func otherLines() {
        let text = LogLine(Array("13:19:33.123 ERROR    logger no space left address=1".utf8))
        #expect(text.service == "logger" && text.level == .error)
        let crash = LogLine(Array("Fatal error: \u{1B}[31mIndex out of range".utf8))
        #expect(crash.service == nil && crash.level == nil)
        #expect(
            String(decoding: crash.text(hasColors: true), as: UTF8.self)
                == "Fatal error: \\u{1b}[31mIndex out of range\n")
        for hostile in ["{", "{}", #"{"service":1}"#, #"{"ts":"x","level":"info","service":"a"}"#, "", "\u{FFFD}"] {
            #expect(LogLine(Array(hostile.utf8)).text(hasColors: false).last == 0x0A)
        }
    }

    @Test("the filter takes a service's lines, and a level's with those above it")
    func filter() {
        let info = LogLine(Array(Self.record("broker", "x").utf8.dropLast()))
        let error = LogLine(Array(Self.record("broker", "x", "error").utf8.dropLast()))
        let crash = LogLine(Array("Fatal error".utf8))
        #expect([info, error, crash].map(LogFilter().takes) == [true, true, true])
        #expect([info, error, crash].map(LogFilter(service: "broker").takes) == [true, true, false])
        #expect([info, error, crash].map(LogFilter(service: "logger").takes) == [false, false, false])
        // What cannot be judged is not kept back, unless a service was asked for.
        #expect([info, error, crash].map(LogFilter(level: .error).takes) == [false, true, true])
        #expect([info, error, crash].map(LogFilter(service: "broker", level: .error).takes) == [false, true, false])
    }

    @Test("its last lines are found from the end, whatever their length, and only those that are whole")
    func last() throws {
        let folder = try Folder()
        // Longer than a block of reading, and lines that end where a block does.
        let long = String(repeating: "x", count: 200_000)
        try folder.append("first\n\n\(long)\n")
        for number in 1...5000 { try folder.append(Self.record(number % 10 == 0 ? "broker" : "logger", "n\(number)")) }
        try folder.append("half a li")
        let file = try #require(try LogFile(folder.log))
        let three = file.last(3, LogFilter())
        #expect(
            texts(three).map { $0.contains("n4998") || $0.contains("n4999") || $0.contains("n5000") } == [
                true, true, true,
            ])
        #expect(file.last(0, LogFilter()).isEmpty)
        let broker = file.last(2, LogFilter(service: "broker"))
        #expect(broker.map { String(decoding: $0.bytes, as: UTF8.self).contains("\"n4990\"") } == [true, false])
        let all = file.last(100_000, LogFilter())
        #expect(all.count == 5002)
        #expect(all[0].bytes == Array("first".utf8) && all[1].bytes.count == 200_000)

        try folder.append("ne\nnext\n")
        #expect(texts(file.readNew()) == ["half a line", "next"])
        #expect(file.readNew().isEmpty)
    }

    @Test("an empty log has no lines, and what comes later is found")
    func empty() throws {
        let folder = try Folder()
        #expect(try LogFile(folder.log) == nil)
        try folder.append("")
        let file = try #require(try LogFile(folder.log))
        #expect(file.last(10, LogFilter()).isEmpty)
        try folder.append("a\nb")
        #expect(texts(file.readNew()) == ["a"])
        try folder.append("\n")
        #expect(texts(file.readNew()) == ["b"])
    }

    @Test("a log that was renamed is read to its end, and one that was emptied from its start")
    func rotation() throws {
        let folder = try Folder()
        try folder.append("a\n")
        let file = try #require(try LogFile(folder.log))
        #expect(texts(file.last(10, LogFilter())) == ["a"])
        #expect(file.isStill(at: folder.log))
        try folder.append("b\n")
        rename(folder.log, folder.log + ".1")
        try folder.append("c\n")
        #expect(!file.isStill(at: folder.log))
        #expect(texts(file.readNew()) == ["b"])
        let next = try #require(try LogFile(folder.log))
        #expect(texts(next.readNew()) == ["c"])
        truncate(folder.log, 0)
        try folder.append("d\n")
        // As long as before: nothing tells the two apart, until it is read when it is shorter.
        truncate(folder.log, 0)
        #expect(next.readNew().isEmpty)
        try folder.append("e\n")
        #expect(texts(next.readNew()) == ["e"])
    }

    @Test("what is longer than a block of reading and not yet a line is kept until it is one")
    func longPartial() throws {
        let folder = try Folder()
        let long = String(repeating: "z", count: 150_000)
        try folder.append("a\nb\n\(long)")
        let file = try #require(try LogFile(folder.log))
        #expect(texts(file.last(1, LogFilter())) == ["b"])
        try folder.append("!\n")
        #expect(texts(file.readNew()) == [long + "!"])
    }

    @Test("a line without an end does not fill the memory")
    func endless() throws {
        let folder = try Folder()
        try folder.append("start\n")
        let file = try #require(try LogFile(folder.log))
        _ = file.last(1, LogFilter())
        for _ in 0..<40 { try folder.append(String(repeating: "y", count: 100_000)) }
        var longest = 0
        for _ in 0..<10 { longest = max(longest, file.readNew().map(\.bytes.count).max() ?? 0) }
        #expect(longest > 0 && longest <= 2 * LogFile.lineLimit)
    }
}

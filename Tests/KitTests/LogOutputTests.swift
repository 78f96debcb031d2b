import Glibc
import MartletCore
import MartletKit
import Testing

/// A pipe, closed with the test.
private final class Pipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Reads until `done` says so of all that came, or nothing comes for ten seconds.
    func read(until done: (String) -> Bool) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if done(text) { return text }
            var poll = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, 10_000) > 0 else { return text }
            let count = Glibc.read(reader, &chunk, chunk.count)
            guard count > 0 else { return text }
            bytes += chunk[..<count]
        }
    }
}

@Suite("Log output", .timeLimit(.minutes(1)))
struct LogOutputTests {
    @Test("lines of many threads arrive whole, each once, in each thread's order")
    func whole() async throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text)
        let logger = Logger(label: "test", handler: output)
        let reading = Task.detached {
            pipe.read { $0.utf8.filter { $0 == 0x0A }.count == 4000 }
        }
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask { for index in 0..<1000 { logger.info("task \(task) line \(index)") } }
            }
        }
        let lines = await reading.value.split(separator: "\n")
        for task in 0..<4 {
            let indices = lines.filter { $0.contains("task \(task) ") }.compactMap {
                Int($0.split(separator: " ").last ?? "")
            }
            #expect(indices == Array(0..<1000))
        }
        #expect(output.droppedLines == 0)
        output.close(within: .seconds(5))
    }

    @Test("when the reader stalls, callers go on, lines are dropped and counted, and a later line says how many")
    func stalled() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .json, limit: 10_000)
        let metrics = Metrics()
        output.register(in: metrics)
        let logger = Logger(label: "test", handler: output)
        // Far more than the pipe (64 KiB) and the buffer hold.
        for index in 0..<5000 { logger.info("line \(index)") }
        let dropped = output.droppedLines
        #expect(dropped > 1000 && dropped < 5000)
        var page: [UInt8] = []
        metrics.writePrometheusText(to: &page)
        #expect(String(decoding: page, as: UTF8.self).contains("martlet_log_lines_dropped_total \(dropped)\n"))
        // One line at a time, until the output has found out that there is room again.
        let text = pipe.read { text in
            if !text.contains("log lines were dropped") { logger.info("again") }
            return text.contains("log lines were dropped")
        }
        #expect(text.contains("\"msg\":\"log lines were dropped\",\"lines\":"))
        output.close(within: .seconds(5))
    }

    @Test("a flush writes everything that was said before it")
    func flushed() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text, gathering: .seconds(3600))
        let logger = Logger(label: "test", handler: output)
        for index in 0..<100 { logger.info("line \(index)") }
        #expect(output.flush(within: .seconds(10)))
        #expect(pipe.read { $0.contains("line 99\n") }.contains("line 0\n"))
        output.close(within: .seconds(5))
    }

    @Test("an error does not wait for other lines")
    func urgent() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text, gathering: .seconds(3600))
        Logger(label: "test", handler: output).error("now")
        #expect(pipe.read { $0.contains("now\n") }.contains("now\n"))
        output.close(within: .seconds(5))
    }

    @Test("a reader that is gone costs the lines, not the process")
    func brokenPipe() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        let output = LogOutput(descriptor: ends[1], format: .text)
        let logger = Logger(label: "test", handler: output)
        logger.error("into nothing")
        #expect(!output.flush(within: .seconds(10)))
        logger.error("again")
        #expect(output.droppedLines == 2)
        output.close(within: .seconds(1))
        close(ends[1])
    }

    @Test("a flush to a stalled reader ends with its time")
    func boundedFlush() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text)
        let logger = Logger(label: "test", handler: output)
        for _ in 0..<2000 { logger.info("\(String(repeating: "x", count: 100))") }
        #expect(!output.flush(within: .milliseconds(20)))
        _ = pipe.read { $0.utf8.filter { $0 == 0x0A }.count == 2000 }
        #expect(output.close(within: .seconds(10)))
    }
}

@Suite("Standard settings")
struct StandardKeysTests {
    private func load(_ environment: [String: String]) throws(ConfigurationError) -> Configuration {
        try Configuration.load(
            StandardKeys.everyService, from: Configuration.Input(environment: environment), checks: StandardKeys.checks)
    }

    @Test("the log's format follows the terminal, LOG_FORMAT and NO_COLOR")
    func format() throws {
        func format(_ environment: [String: String], terminal: Bool) throws -> LogFormat {
            try LogFormat(from: load(environment), isTerminal: terminal)
        }
        #expect(try format([:], terminal: false) == .json)
        #expect(try format([:], terminal: true) == .color)
        #expect(try format(["NO_COLOR": "1"], terminal: true) == .text)
        #expect(try format(["NO_COLOR": ""], terminal: true) == .color)
        #expect(try format(["LOG_FORMAT": "json"], terminal: true) == .json)
        #expect(try format(["LOG_FORMAT": "text"], terminal: false) == .text)
    }

    @Test("OpenTelemetry's variables are read, and refused when they contradict each other")
    func openTelemetry() throws {
        let read = try load([
            "LOG_LEVEL": "WARNING", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc", "OTEL_BSP_SCHEDULE_DELAY": "250",
        ])
        #expect(read[StandardKeys.logLevel] == .warning)
        #expect(Sampler(from: read) == Sampler(ratio: 0.1, followsParent: false))
        #expect(OTLPExporter.Settings(from: read).delay == .milliseconds(250))
        #expect(!read.description.contains("abc"))
        #expect(throws: ConfigurationError.self) { try load(["OTEL_BSP_MAX_QUEUE_SIZE": "5"]) }
        #expect(throws: ConfigurationError.self) { try load(["OTEL_TRACES_SAMPLER": "jaeger_remote"]) }
    }

    @Test("a secret's file is read, one that is missing is refused by the system's words")
    func secretFile() throws {
        var path = Array("/tmp/martlet-secret-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(name) }
        write(descriptor, "hunter2\n", 8)
        close(descriptor)
        let key = ConfigurationKey("T", .secret, "A secret.")
        func load(_ path: String) throws -> Configuration {
            var input = Configuration.Input.process(arguments: [])
            input.environment = ["T_FILE": path]
            return try Configuration.load([key], from: input)
        }
        #expect(try load(name)[key].exposed == "hunter2")
        let error = #expect(throws: ConfigurationError.self) { try load("/nonexistent/x") }
        #expect(error?.description.contains("No such file or directory") == true)
        #expect(throws: ConfigurationError.self) { try load("/dev/zero") }
        #expect(throws: ConfigurationError.self) { try load("/tmp") }
    }
}

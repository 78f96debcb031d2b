import MartletCore
import Testing

@Suite("Logger")
struct LoggerTests {
    @Test("below the level, neither message nor metadata is evaluated")
    func lazy() {
        let recorder = LineRecorder()
        let logger = Logger(label: "test", level: .warning, handler: recorder)
        let evaluations = Locked(0)
        func count() -> String {
            evaluations.withLock { $0 += 1 }
            return "x"
        }
        logger.info(count(), metadata: ["k": .string(count())])
        #expect(evaluations.withLock { $0 } == 0)
        logger.error(count(), metadata: ["k": .string(count())])
        #expect(evaluations.withLock { $0 } == 2)
        #expect(recorder.lines.count == 1)
    }

    @Test("each level's method writes at that level")
    func levels() throws {
        let recorder = LineRecorder()
        let logger = Logger(label: "test", level: .trace, handler: recorder)
        logger.trace("m")
        logger.debug("m")
        logger.info("m")
        logger.notice("m")
        logger.warning("m")
        logger.error("m")
        logger.critical("m")
        let written = try recorder.lines.map { try StrictJSON($0)["level"] }
        #expect(written == Logger.Level.allCases.map { .string($0.description) })
    }

    @Test("a record inside a call carries the call's trace and span")
    func trace() throws {
        let recorder = LineRecorder()
        let logger = Logger(label: "test", handler: recorder)
        let context = CallContext(trace: .root())
        CallContext.$current.withValue(context) { logger.info("inside") }
        logger.info("outside")
        let inside = try StrictJSON(recorder.lines[0])
        #expect(inside["trace_id"] == .string(context.trace.traceID.description))
        #expect(inside["span_id"] == .string(context.trace.spanID.description))
        #expect(try StrictJSON(recorder.lines[1])["trace_id"] == nil)
    }

    @Test("a logger with metadata adds it to every record, and the record's own wins")
    func with() throws {
        let recorder = LineRecorder()
        let logger = Logger(label: "test", metadata: ["a": 1, "b": 1], handler: recorder).with(["b": 2, "c": 2])
        logger.info("m", metadata: ["c": 3])
        let line = try StrictJSON(recorder.lines[0])
        #expect(line["a"] == .number(1) && line["b"] == .number(2) && line["c"] == .number(3))
    }

    @Test("a copy with another level leaves the first as it was")
    func copies() {
        let logger = Logger(label: "test", handler: LineRecorder())
        var verbose = logger
        verbose.level = .trace
        verbose[metadataKey: "k"] = "v"
        #expect(!logger.isEnabled(.debug) && logger.metadata.isEmpty)
        #expect(verbose.isEnabled(.trace))
    }

    @Test("a secret is not shown by description, interpolation, reflection or log")
    func secret() throws {
        struct Holder { let password = Secret("hunter2") }
        var dumped = ""
        dump(Holder(), to: &dumped)
        let secret = Secret("hunter2")
        for text in [dumped, "\(secret)", String(reflecting: secret), "\(Holder())"] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect(LogFormat.json.line("m", metadata: ["p": .describing(secret)]).contains("\"p\":\"•••\""))
    }
}

@Suite("Log lines")
struct LogFormatTests {
    @Test("a JSON line has its fields in a fixed order")
    func json() {
        let trace = TraceContext(
            traceID: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736),
            spanID: SpanID(0x00f0_67aa_0ba9_02b7), isSampled: true)
        let line = LogFormat.json.line(
            "hello", metadata: ["n": -7, "d": .duration(.microseconds(1234)), "ok": true, "l": [1, "x"]], trace: trace)
        #expect(
            line == #"{"ts":"2025-11-20T13:19:33.123Z","level":"info","service":"test","msg":"hello","#
                + #""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","#
                + #""n":-7,"d":1.234,"ok":true,"l":[1,"x"]}"# + "\n")
    }

    @Test("a key that is the line's own gets an underscore, a repeated key is written once")
    func keys() throws {
        let line = try StrictJSON(
            LogFormat.json.line("m", metadata: ["level": "a", "msg": "b", "x": 1, "x": 2]))
        #expect(line["level"] == .string("info") && line["level_"] == .string("a"))
        #expect(line["msg"] == .string("m") && line["x"] == .number(2))
    }

    @Test("numbers that JSON lacks become strings")
    func numbers() throws {
        let line = try StrictJSON(
            LogFormat.json.line("m", metadata: ["a": .number(.nan), "b": .number(.infinity), "c": .number(1e300)]))
        #expect(line["a"] == .string("nan") && line["b"] == .string("inf") && line["c"] == .number(1e300))
    }

    @Test("whatever comes in, a JSON line is one line of valid JSON that says it back")
    func hostileJSON() throws {
        var random = SeededGenerator(state: 1)
        for _ in 0..<2000 {
            let message = String.hostile(&random)
            let key = "k" + String.hostile(&random)
            let value = String.hostile(&random)
            let line = LogFormat.json.line(
                message, label: String.hostile(&random),
                metadata: LogMetadata([
                    (key, .string(value)), ("nested", .object([value: .list([.string(message), 1])])),
                ]))
            #expect(line.utf8.filter { $0 == 0x0A }.count == 1 && line.hasSuffix("}\n"))
            let json = try StrictJSON(line)
            #expect(json["msg"] == .string(message))
            #expect(json[key] == .string(value))
        }
    }

    @Test("whatever comes in, a text line holds no control character but its end and our colours")
    func hostileText() {
        var random = SeededGenerator(state: 2)
        for _ in 0..<2000 {
            let value = String.hostile(&random)
            let metadata: LogMetadata = [value: .string(value), "n": .object([value: .list([.string(value)])])]
            for format in [LogFormat.text, .color] {
                var line = format.line(value, label: value, metadata: metadata)
                #expect(line.hasSuffix("\n"))
                line.removeLast()
                if format == .color { line = line.withoutColors }
                let obeyed = line.unicodeScalars.filter {
                    $0.properties.generalCategory == .control || (0x202A...0x202E).contains($0.value)
                        || (0x2066...0x2069).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
                }
                #expect(obeyed.isEmpty, "\(line.debugDescription)")
            }
        }
    }

    @Test("text keeps letters of every script")
    func scripts() {
        #expect(LogFormat.text.line("Grüße, мир, 世界 🐦 é").contains(" Grüße, мир, 世界 🐦 é\n"))
    }

    @Test("a line is bounded, however long the message, the fields and their nesting")
    func bounded() throws {
        var nested: LogValue = .string(String(repeating: "é", count: 5000))
        for _ in 0..<500 { nested = .list([nested, nested]) }
        let fields = (0..<1000).map { (key: "k\($0)", value: LogValue.string(String(repeating: "x", count: 1000))) }
        for format in LogFormat.allCases {
            let line = format.line(
                String(repeating: "\u{0}", count: 1_000_000), metadata: LogMetadata([("deep", nested)] + fields))
            #expect(line.utf8.count < 4 * LogLimits.line)
            if format == .json { #expect(try StrictJSON(line)["truncated"] == .bool(true)) }
        }
    }

    @Test(
        "times are written in UTC, before 1970 too",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (4_102_444_799_999_000_000, "2099-12-31T23:59:59.999Z"), (.max, "2262-04-11T23:47:16.854Z"),
            (.min, "1677-09-21T00:12:43.145Z"),
        ])
    func times(nanoseconds: Int64, text: String) {
        #expect(WallTime(nanoseconds: nanoseconds).rfc3339 == text)
    }
}

extension String {
    /// Up to 40 scalars that formats trip over.
    fileprivate static func hostile(_ random: inout SeededGenerator) -> String {
        let nasty: [UInt32] = [
            0, 1, 7, 8, 9, 10, 11, 12, 13, 27, 31, 34, 47, 92, 127, 0x80, 0x9B, 0x9D, 0xA0, 0xE9, 0x061C, 0x200B,
            0x200E,
            0x2028, 0x2029, 0x202E, 0x2066, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F426, 0x10FFFF,
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let value =
                Bool.random(using: &random)
                ? nasty.randomElement(using: &random)! : .random(in: 0...0x2FFF, using: &random)
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// Without `ESC [ digits m`.
    fileprivate var withoutColors: String {
        var scalars = String.UnicodeScalarView()
        var isInside = false
        for scalar in unicodeScalars {
            if scalar == "\u{1B}" { isInside = true }
            if !isInside { scalars.append(scalar) }
            if isInside, scalar == "m" { isInside = false }
        }
        return String(scalars)
    }
}

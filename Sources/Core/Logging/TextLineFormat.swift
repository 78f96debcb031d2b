/// A record as a line for people:
///
///     13:19:33.123 INFO     logger listening address=127.0.0.1:8082 trace=4bf92f35
///
/// Nothing that comes in can move the cursor, change a colour or begin a line: control characters (C0, DEL, C1) and the
/// characters that reorder or break text are shown as `\u{1b}`.
enum TextLineFormat {
    static func append(_ record: borrowing LogRecord, colored: Bool, to bytes: inout LineBuffer) {
        let start = bytes.count
        if colored { bytes.append(literal: "\u{1B}[2m") }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WallTime.textLength) { time in
            record.time.write(to: time)
            bytes.append(UnsafeBufferPointer(rebasing: time[11..<23]))
        }
        bytes.append(literal: colored ? "\u{1B}[0m " : " ")
        if colored { bytes.append(literal: color(of: record.level)) }
        bytes.append(literal: name(of: record.level))
        bytes.append(literal: colored ? "\u{1B}[0m " : " ")
        bytes.append(terminalText: record.context.label)
        bytes.append(literal: " ")
        bytes.append(terminalText: record.message)
        if let call = record.call { append(call, colored, to: &bytes) }
        if !record.context.metadata.isEmpty {
            if record.metadata.isEmpty || !record.context.metadata.overlaps(record.metadata) {
                bytes.append(
                    record.context.rendered(colored ? .color : .text) {
                        append($0, hiddenBy: nil, colored, 0, to: &$1)
                    })
            } else {
                append(record.context.metadata, hiddenBy: record.metadata, colored, start, to: &bytes)
            }
        }
        if !record.metadata.isEmpty { append(record.metadata, hiddenBy: nil, colored, start, to: &bytes) }
        if let trace = record.trace {
            append(key: "trace", colored, to: &bytes)
            bytes.append(count: 16) { writeHexadecimal(trace.traceID.high, to: $0, at: 0) }
            bytes.append(count: 16) { writeHexadecimal(trace.traceID.low, to: $0, at: 0) }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(
        _ metadata: LogMetadata, hiddenBy other: LogMetadata?, _ colored: Bool, _ start: Int,
        to bytes: inout LineBuffer
    ) {
        let fields = metadata.fields
        for index in fields.indices {
            let key = fields[index].key
            if fields.isRepeated(key, after: index) || other?.contains(key) == true { continue }
            guard bytes.count - start <= LogLimits.line else { return bytes.append(literal: " …") }
            append(key: key, colored, to: &bytes)
            append(fields[index].value, depth: 0, start, to: &bytes)
        }
    }

    private static func append(_ call: CallSummary, _ colored: Bool, to bytes: inout LineBuffer) {
        append(key: "outcome", colored, to: &bytes)
        bytes.append(plain: call.failure.label)
        if call.status != 0 {
            append(key: "status", colored, to: &bytes)
            bytes.append(decimal: Int64(call.status))
        }
        append(key: "duration", colored, to: &bytes)
        bytes.append(milliseconds: Int64(clamping: call.nanoseconds))
        bytes.append(literal: "ms")
        if let peer = call.peer {
            append(key: "peer", colored, to: &bytes)
            bytes.append(terminalText: peer)
        }
    }

    private static func append(key: String, _ colored: Bool, to bytes: inout LineBuffer) {
        bytes.append(literal: colored ? " \u{1B}[2m" : " ")
        bytes.append(terminalText: key)
        bytes.append(UInt8(ascii: "="))
        if colored { bytes.append(literal: "\u{1B}[0m") }
    }

    private static func append(_ value: LogValue, depth: Int, _ start: Int, to bytes: inout LineBuffer) {
        switch value {
        case .string(let text): bytes.append(terminalText: text)
        case .integer(let number): bytes.append(decimal: number)
        case .boolean(let value): bytes.append(literal: value ? "true" : "false")
        case .number(let number): bytes.append(plain: number.description)
        case .duration(let nanoseconds):
            bytes.append(milliseconds: nanoseconds)
            bytes.append(literal: "ms")
        case .described(let value): bytes.append(terminalText: value.description)
        case .list(let values):
            guard depth < LogLimits.depth else { return bytes.append(literal: "…") }
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(literal: ", ") }
                guard bytes.count - start <= LogLimits.line else {
                    bytes.append(literal: "…")
                    break
                }
                append(value, depth: depth + 1, start, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let metadata):
            guard depth < LogLimits.depth else { return bytes.append(literal: "…") }
            bytes.append(UInt8(ascii: "{"))
            for (index, field) in metadata.fields.enumerated() {
                if index > 0 { bytes.append(literal: ", ") }
                guard bytes.count - start <= LogLimits.line else {
                    bytes.append(literal: "…")
                    break
                }
                bytes.append(terminalText: field.key)
                bytes.append(UInt8(ascii: "="))
                append(field.value, depth: depth + 1, start, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func name(of level: Logger.Level) -> StaticString {
        switch level {
        case .trace: "TRACE   "
        case .debug: "DEBUG   "
        case .info: "INFO    "
        case .notice: "NOTICE  "
        case .warning: "WARNING "
        case .error: "ERROR   "
        case .critical: "CRITICAL"
        }
    }

    private static func color(of level: Logger.Level) -> StaticString {
        switch level {
        case .trace, .debug: "\u{1B}[90m"
        case .info: "\u{1B}[32m"
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        case .critical: "\u{1B}[1;31m"
        }
    }
}

/// A record as one JSON object: `ts`, `level`, `service`, `msg`, then `trace_id` and `span_id` inside a call, then the
/// metadata. A metadata key that would repeat one of these gets an underscore.
enum JSONLineFormat {
    static let reserved: [String] = ["ts", "level", "service", "msg", "trace_id", "span_id"]

    static func append(_ record: borrowing LogRecord, to bytes: inout LineBuffer) {
        let start = bytes.count
        bytes.append(literal: "{\"ts\":\"")
        bytes.append(count: WallTime.textLength) { record.time.write(to: $0) }
        bytes.append(literal: "\",\"level\":\"")
        bytes.append(literal: name(of: record.level))
        bytes.append(literal: "\",\"service\":")
        bytes.append(jsonString: record.context.label)
        bytes.append(literal: ",\"msg\":")
        bytes.append(jsonString: record.message)
        if let trace = record.trace {
            bytes.append(literal: ",\"trace_id\":\"")
            bytes.append(count: 32) {
                writeHexadecimal(trace.traceID.high, to: $0, at: 0)
                writeHexadecimal(trace.traceID.low, to: $0, at: 16)
            }
            bytes.append(literal: "\",\"span_id\":\"")
            bytes.append(count: 16) { writeHexadecimal(trace.spanID.value, to: $0, at: 0) }
            bytes.append(literal: "\"")
        }
        if let call = record.call { append(call, to: &bytes) }
        var complete = true
        if !record.context.metadata.isEmpty {
            if record.metadata.isEmpty || !record.context.metadata.overlaps(record.metadata) {
                bytes.append(
                    record.context.rendered(.json) { _ = append($0, hiddenBy: nil, top: true, depth: 0, 0, to: &$1) })
            } else {
                complete = append(
                    record.context.metadata, hiddenBy: record.metadata, top: true, depth: 0, start, to: &bytes)
            }
        }
        if !record.metadata.isEmpty {
            complete = append(record.metadata, hiddenBy: nil, top: true, depth: 0, start, to: &bytes) && complete
        }
        if !complete { bytes.append(literal: ",\"truncated\":true") }
        bytes.append(literal: "}\n")
    }

    private static func append(_ call: CallSummary, to bytes: inout LineBuffer) {
        bytes.append(literal: ",\"outcome\":\"")
        bytes.append(plain: call.failure.label)
        bytes.append(literal: "\"")
        if call.status != 0 {
            bytes.append(literal: ",\"status\":")
            bytes.append(decimal: Int64(call.status))
        }
        bytes.append(literal: ",\"duration_ms\":")
        bytes.append(milliseconds: Int64(clamping: call.nanoseconds))
        if let peer = call.peer {
            bytes.append(literal: ",\"peer\":")
            bytes.append(jsonString: peer)
        }
    }

    /// Appends `,"key":value` for each field; false when the line was full before the last.
    private static func append(
        _ metadata: LogMetadata, hiddenBy other: LogMetadata?, top: Bool, depth: Int, _ start: Int,
        to bytes: inout LineBuffer
    ) -> Bool {
        let fields = metadata.fields
        var separator = top
        for index in fields.indices {
            let key = fields[index].key
            if fields.isRepeated(key, after: index) || other?.contains(key) == true { continue }
            if bytes.count - start > LogLimits.line { return false }
            if separator { bytes.append(UInt8(ascii: ",")) }
            separator = true
            if top && (reserved.contains(key) || key == "truncated") {
                bytes.append(jsonString: key + "_")
            } else {
                bytes.append(jsonString: key)
            }
            bytes.append(UInt8(ascii: ":"))
            append(fields[index].value, depth: depth, start, to: &bytes)
        }
        return true
    }

    private static func append(_ value: LogValue, depth: Int, _ start: Int, to bytes: inout LineBuffer) {
        switch value {
        case .string(let text): bytes.append(jsonString: text)
        case .integer(let number): bytes.append(decimal: number)
        case .duration(let nanoseconds): bytes.append(milliseconds: nanoseconds)
        case .boolean(true): bytes.append(literal: "true")
        case .boolean(false): bytes.append(literal: "false")
        case .number(let number) where number.isFinite: bytes.append(plain: number.description)
        // JSON has no word for these; a string keeps the line valid and says what it was.
        case .number(let number): bytes.append(jsonString: number.description)
        case .described(let value): bytes.append(jsonString: value.description)
        case .list, .object:
            guard depth < LogLimits.depth else { return bytes.append(literal: "\"…\"") }
            appendNested(value, depth: depth + 1, start, to: &bytes)
        }
    }

    private static func appendNested(_ value: LogValue, depth: Int, _ start: Int, to bytes: inout LineBuffer) {
        if case .list(let values) = value {
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                guard bytes.count - start <= LogLimits.line else {
                    bytes.append(literal: "\"…\"")
                    break
                }
                append(value, depth: depth, start, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        } else if case .object(let metadata) = value {
            bytes.append(UInt8(ascii: "{"))
            _ = append(metadata, hiddenBy: nil, top: false, depth: depth, start, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    static func name(of level: Logger.Level) -> StaticString {
        switch level {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }
}

extension [LogMetadata.Field] {
    /// Of several fields with one name the last is written: an object must not repeat a name.
    func isRepeated(_ key: String, after index: Int) -> Bool {
        var later = index + 1
        while later < count {
            if self[later].key == key { return true }
            later += 1
        }
        return false
    }
}

extension LogMetadata {
    func contains(_ key: String) -> Bool { fields.contains { $0.key == key } }

    func overlaps(_ other: LogMetadata) -> Bool { fields.contains { other.contains($0.key) } }
}

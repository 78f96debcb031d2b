internal import MartletCore
internal import MartletWire

/// A line of the log file: a record as JSON, a record as text (where `LOG_FORMAT` said so), or what somebody else wrote
/// into it, such as the last words of a crash.
struct LogLine: Sendable {
    /// Without the line end.
    let bytes: [UInt8]
    /// Who said it; nil where the line does not tell.
    let service: String?
    let level: Logger.Level?
    private let record: JSONObject?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.first == UInt8(ascii: "{"), case .object(let object)? = try? JSON.decode(JSONValue.self, from: bytes) {
            record = object
            service = object.text("service")
            level = object.text("level").flatMap(Logger.Level.init(name:))
        } else {
            record = nil
            // 13:19:33.123 INFO     logger listening
            let words = String(decoding: bytes.prefix(200), as: UTF8.self).split(separator: " ").prefix(3)
            level = words.count == 3 ? Logger.Level(name: words[1].lowercased()) : nil
            service = level == nil ? nil : words.last.map(String.init)
        }
    }

    /// For a terminal, as a system in the foreground prints it. With a line end.
    func text(hasColors: Bool) -> [UInt8] {
        guard let record, let level, let service, let time = record.text("ts").flatMap(Timestamp.init) else {
            return Array("\(TerminalText.line(String(decoding: bytes, as: UTF8.self), limit: 64 << 10))\n".utf8)
        }
        var metadata: LogMetadata = [:]
        for member in record.members where !Self.leading.contains(member.key) {
            metadata[member.key] = LogValue(member.value)
        }
        var line: [UInt8] = []
        let (seconds, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let format: LogFormat = hasColors ? .color : .text
        format.append(
            LogRecord(
                time: WallTime(nanoseconds: overflow ? 0 : seconds &+ Int64(time.nanoseconds)), level: level,
                context: LogContext(label: service), message: record.text("msg") ?? "", metadata: metadata),
            to: &line)
        return line
    }

    /// What has a place of its own in a line of text, and the span, which means nothing to a reader.
    private static let leading: Set<String> = ["ts", "level", "service", "msg", "span_id"]
}

extension JSONObject {
    fileprivate func text(_ key: String) -> String? {
        guard case .string(let text)? = self[key] else { return nil }
        return text
    }
}

extension LogValue {
    fileprivate init(_ value: JSONValue) {
        switch value {
        case .null: self = .string("null")
        case .bool(let value): self = .boolean(value)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let values): self = .list(values.map(LogValue.init))
        case .object(let object): self = .object(LogMetadata(object.members.map { ($0.key, LogValue($0.value)) }))
        }
    }
}

extension Logger.Level {
    init?(name: String) {
        guard let level = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
        self = level
    }
}

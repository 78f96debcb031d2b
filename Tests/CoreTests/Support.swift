import MartletCore

/// Keeps formatted lines, and the records' parts that tests ask for.
final class LineRecorder: LogHandler {
    let format: LogFormat
    private let state = Locked<[String]>([])

    init(_ format: LogFormat = .json) { self.format = format }

    var lines: [String] { state.withLock { $0 } }

    func log(_ record: borrowing LogRecord) {
        var bytes: [UInt8] = []
        format.append(record, to: &bytes)
        let line = String(decoding: bytes, as: UTF8.self)
        state.withLock { $0.append(line) }
    }
}

final class SpanRecorder: SpanSink {
    private let state = Locked<[SpanData]>([])
    var spans: [SpanData] { state.withLock { $0 } }
    func take(_ span: SpanData) { state.withLock { $0.append(span) } }
}

extension LogFormat {
    func line(
        _ message: String, level: Logger.Level = .info, label: String = "test", context: LogMetadata = [:],
        metadata: LogMetadata = [:], trace: TraceContext? = nil
    ) -> String {
        var bytes: [UInt8] = []
        append(
            LogRecord(
                time: WallTime(nanoseconds: 1_763_644_773_123_999_999), level: level,
                context: LogContext(label: label, metadata: context), message: message, metadata: metadata, trace: trace
            ), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Metrics {
    var text: String {
        var bytes: [UInt8] = []
        writePrometheusText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

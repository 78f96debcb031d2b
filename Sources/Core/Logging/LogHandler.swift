/// Where log records go. Called from any thread, in the middle of requests: it must not block, and what it cannot take
/// it drops and counts.
public protocol LogHandler: Sendable {
    func log(_ record: borrowing LogRecord)
}

/// One thing that was said.
public struct LogRecord: Sendable {
    public var time: WallTime
    public var level: Logger.Level
    /// The service, or the part of it, that speaks.
    public var label: String
    public var message: String
    /// What every record of the logger carries.
    public var context: LogMetadata
    /// What this record carries; where a key is in both, this one counts.
    public var metadata: LogMetadata
    public var trace: TraceContext?
    public var source: LogSource?

    public init(
        time: WallTime, level: Logger.Level, label: String, message: String, context: LogMetadata = [:],
        metadata: LogMetadata = [:], trace: TraceContext? = nil, source: LogSource? = nil
    ) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
        self.context = context
        self.metadata = metadata
        self.trace = trace
        self.source = source
    }
}

/// The place in the code that spoke.
public struct LogSource: Sendable {
    /// `Module/File.swift`
    public var file: StaticString
    public var line: UInt

    @inlinable
    public init(file: StaticString, line: UInt) {
        self.file = file
        self.line = line
    }
}

/// Forgets everything.
public struct DiscardingLogHandler: LogHandler {
    public init() {}
    public func log(_ record: borrowing LogRecord) {}
}

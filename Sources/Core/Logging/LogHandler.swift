/// Where log records go. Called from any thread, in the middle of requests: it must not block, and what it cannot take
/// it drops and counts.
public protocol LogHandler: Sendable {
    func log(_ record: borrowing LogRecord)
}

/// One thing that was said.
public struct LogRecord: Sendable {
    public var time: WallTime
    public var level: Logger.Level
    /// What every record of the logger carries: its label and metadata.
    public var context: LogContext
    public var message: String
    /// What this record carries; where a key is in the context too, this one counts.
    public var metadata: LogMetadata
    public var trace: TraceContext?
    public var source: LogSource?
    /// How the call went that this record is about: only in access lines.
    public var call: CallSummary?

    public init(
        time: WallTime, level: Logger.Level, context: LogContext, message: String, metadata: LogMetadata = [:],
        trace: TraceContext? = nil, source: LogSource? = nil, call: CallSummary? = nil
    ) {
        self.time = time
        self.level = level
        self.context = context
        self.message = message
        self.metadata = metadata
        self.trace = trace
        self.source = source
        self.call = call
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

/// Writes log records that are worth it to a ``LogHandler``. The shape is swift-log's.
///
///     logger.info("user logged in", metadata: ["user": .string(id), "attempts": 3])
///     let perBatch = logger.with(["batch": .integer(7)])
///
/// A copy costs one retain, and a record below the level costs one load: message and metadata are not evaluated. A
/// record made while a call is handled carries the call's trace id by itself.
public struct Logger: Sendable {
    @usableFromInline
    final class Storage: Sendable {
        @usableFromInline let level: Level
        let context: LogContext
        let handler: any LogHandler

        init(_ level: Level, _ context: LogContext, _ handler: any LogHandler) {
            self.level = level
            self.context = context
            self.handler = handler
        }
    }

    @usableFromInline var storage: Storage

    /// `label` names the service, or the part of it, that speaks.
    public init(label: String, level: Level = .info, metadata: LogMetadata = [:], handler: any LogHandler) {
        storage = Storage(level, LogContext(label: label, metadata: metadata), handler)
    }

    /// A logger that says nothing.
    public static let disabled = Logger(label: "disabled", level: .critical, handler: DiscardingLogHandler())

    public var label: String { storage.context.label }
    public var handler: any LogHandler { storage.handler }
    /// What every record of this logger carries.
    public var metadata: LogMetadata { storage.context.metadata }
    /// Label and metadata, as records have them.
    public var context: LogContext { storage.context }

    /// Records below it are not written.
    public var level: Level {
        get { storage.level }
        set { storage = Storage(newValue, storage.context, storage.handler) }
    }

    public subscript(metadataKey key: String) -> LogValue? {
        get { metadata[key] }
        set {
            var metadata = metadata
            metadata[key] = newValue
            storage = Storage(level, LogContext(label: label, metadata: metadata), handler)
        }
    }

    /// The same logger, whose every record also carries `metadata`.
    public func with(_ metadata: LogMetadata) -> Logger {
        Logger(label: label, level: level, metadata: self.metadata.merging(metadata), handler: handler)
    }

    /// The same logger under another label.
    public func labelled(_ label: String) -> Logger {
        Logger(label: label, level: level, metadata: metadata, handler: handler)
    }

    @inlinable
    public func isEnabled(_ level: Level) -> Bool { level >= storage.level }

    @inlinable
    public func log(
        level: Level, _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        if level >= storage.level {
            write(level, message(), metadata(), LogSource(file: file, line: line))
        }
    }

    @usableFromInline @inline(never)
    func write(_ level: Level, _ message: String, _ metadata: LogMetadata, _ source: LogSource?) {
        storage.handler.log(
            LogRecord(
                time: .now, level: level, context: storage.context, message: message, metadata: metadata,
                trace: CallContext.current?.trace, source: source))
    }

    /// Writes a record that says itself when it was and which trace it belongs to; the level is not asked again.
    func write(_ record: consuming LogRecord) {
        storage.handler.log(record)
    }
}

extension Logger {
    /// How much a record matters.
    public enum Level: UInt8, Sendable, Comparable, CaseIterable, CustomStringConvertible {
        case trace, debug, info, notice, warning, error, critical

        @inlinable
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        public var description: String {
            switch self {
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
}

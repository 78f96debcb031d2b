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
        let label: String
        let metadata: LogMetadata
        let handler: any LogHandler

        init(level: Level, label: String, metadata: LogMetadata, handler: any LogHandler) {
            self.level = level
            self.label = label
            self.metadata = metadata
            self.handler = handler
        }
    }

    @usableFromInline var storage: Storage

    /// `label` names the service, or the part of it, that speaks.
    public init(label: String, level: Level = .info, metadata: LogMetadata = [:], handler: any LogHandler) {
        storage = Storage(level: level, label: label, metadata: metadata, handler: handler)
    }

    /// A logger that says nothing.
    public static let disabled = Logger(label: "disabled", level: .critical, handler: DiscardingLogHandler())

    public var label: String { storage.label }
    public var handler: any LogHandler { storage.handler }
    /// What every record of this logger carries.
    public var metadata: LogMetadata { storage.metadata }

    /// Records below it are not written.
    public var level: Level {
        get { storage.level }
        set {
            storage = Storage(
                level: newValue, label: storage.label, metadata: storage.metadata, handler: storage.handler)
        }
    }

    public subscript(metadataKey key: String) -> LogValue? {
        get { storage.metadata[key] }
        set {
            var metadata = storage.metadata
            metadata[key] = newValue
            storage = Storage(level: storage.level, label: storage.label, metadata: metadata, handler: storage.handler)
        }
    }

    /// The same logger, whose every record also carries `metadata`.
    public func with(_ metadata: LogMetadata) -> Logger {
        Logger(
            label: storage.label, level: storage.level, metadata: storage.metadata.merging(metadata),
            handler: storage.handler)
    }

    /// The same logger under another label.
    public func labelled(_ label: String) -> Logger {
        Logger(label: label, level: storage.level, metadata: storage.metadata, handler: storage.handler)
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
                time: .now, level: level, label: storage.label, message: message, context: storage.metadata,
                metadata: metadata, trace: CallContext.current?.trace, source: source))
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

extension Logger {
    /// Every step of an algorithm.
    @inlinable
    public func trace(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .trace, message(), metadata: metadata(), file: file, line: line)
    }

    /// What a developer of this service wants to see.
    @inlinable
    public func debug(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .debug, message(), metadata: metadata(), file: file, line: line)
    }

    /// What happens in ordinary work.
    @inlinable
    public func info(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .info, message(), metadata: metadata(), file: file, line: line)
    }

    /// Ordinary, but worth attention: a start, a stop, a change of state.
    @inlinable
    public func notice(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .notice, message(), metadata: metadata(), file: file, line: line)
    }

    /// Something is wrong and the service goes on as before.
    @inlinable
    public func warning(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .warning, message(), metadata: metadata(), file: file, line: line)
    }

    /// Something failed that should not have.
    @inlinable
    public func error(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .error, message(), metadata: metadata(), file: file, line: line)
    }

    /// The service cannot go on as it is.
    @inlinable
    public func critical(
        _ message: @autoclosure () -> String, metadata: @autoclosure () -> LogMetadata = [:],
        file: StaticString = #fileID, line: UInt = #line
    ) {
        log(level: .critical, message(), metadata: metadata(), file: file, line: line)
    }
}

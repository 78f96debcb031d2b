/// How a record becomes a line.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// One readable line, for people.
    case text
    /// The same with colour.
    case color

    /// Appends the record and a line feed. A line is bounded (see ``LogLimits``), and whatever comes in, it is one
    /// line: valid JSON, or text without control characters.
    public func append(_ record: borrowing LogRecord, to bytes: inout [UInt8]) {
        LineBuffer.write(to: &bytes) { write(record, to: &$0) }
    }

    /// Hands `body` the record's line with its line feed, on the stack where it fits.
    public func withLine<Result>(
        of record: borrowing LogRecord, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        LineBuffer.withLine({ write(record, to: &$0) }, body)
    }

    private func write(_ record: borrowing LogRecord, to line: inout LineBuffer) {
        switch self {
        case .json: JSONLineFormat.append(record, to: &line)
        case .text: TextLineFormat.append(record, colored: false, to: &line)
        case .color: TextLineFormat.append(record, colored: true, to: &line)
        }
    }
}

/// What a log line may be, so that one record cannot fill a disk or a memory.
public enum LogLimits {
    /// Bytes of one message or string; the rest is cut, which an ellipsis shows.
    public static let string = 8 * 1024
    /// Bytes of a line after which no further field is begun.
    public static let line = 32 * 1024
    /// Lists and objects inside each other.
    public static let depth = 8
}

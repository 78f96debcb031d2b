/// Why bytes were refused as a message. What a server answers is ``status``; the connection cannot be used further,
/// since nobody knows where the next message begins.
public struct HTTPParseError: Error, Sendable, Equatable, CustomStringConvertible {
    public let status: HTTPStatus
    /// Says what is wrong, with none of the offending bytes.
    public let reason: String

    init(_ status: HTTPStatus = .badRequest, _ reason: StaticString) {
        self.status = status
        self.reason = reason.description
    }

    public var description: String { "\(status.code): \(reason)" }
}

/// How much of a head the parser takes.
public struct HTTPHeadLimits: Sendable {
    /// Bytes of the request target; more is 414.
    public var target = 8 << 10
    /// Bytes of the whole head; more is 431.
    public var bytes = 32 << 10
    /// Number of fields; more is 431.
    public var fields = 100
    /// Bytes of all chunk extensions of a body together; more is 400.
    public var chunkExtensionBytes = 4 << 10
    /// Bytes of the trailer section; more is 431.
    public var trailerBytes = 8 << 10

    public init() {}
}

/// Where a message's body ends (RFC 9112 §6.3).
public enum HTTPBodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
    /// Responses only.
    case untilClose
}

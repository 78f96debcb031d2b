/// Both directions of a streaming call, as its handler sees them: what comes in, and where to send to.
///
/// A middleware wraps it as any other request: the endpoint's function runs for as long as the call does.
public struct RPCStream<Request: Sendable, Response: Sendable>: Sendable {
    public let requests: MessageSource<Request>
    public let responses: MessageSink<Response>

    public init(requests: MessageSource<Request>, responses: MessageSink<Response>) {
        self.requests = requests
        self.responses = responses
    }
}

/// Messages as they arrive. Read by one task, once.
///
/// A class to derive from, not a protocol: a transport overrides ``next()``, and no box stands between it and the reader.
open class MessageSource<Element: Sendable>: AsyncSequence, @unchecked Sendable {
    // @unchecked: has nothing of its own; a transport's subclass answers for what it adds.

    public init() {}

    /// The next message, or nil after the last. Suspends until one arrives.
    /// - Throws: what ended the stream early.
    open func next() async throws -> Element? { nil }

    public func makeAsyncIterator() -> Iterator { Iterator(source: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let source: MessageSource

        public mutating func next() async throws -> Element? { try await source.next() }
    }
}

/// Where messages go. Used by one task.
open class MessageSink<Element: Sendable>: @unchecked Sendable {
    // @unchecked: as `MessageSource`.

    public init() {}

    /// Sends a message; suspends while the other end is slower.
    /// - Throws: when the call is over.
    open func send(_ message: Element) async throws {}
}

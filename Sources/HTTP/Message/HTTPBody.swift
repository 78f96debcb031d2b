internal import MartletCore

/// What follows a message's head: bytes that are there already, or a stream of chunks with backpressure, read from the
/// other end (a received body) or written by a function (a produced one).
public struct HTTPBody: Sendable {
    enum Storage: Sendable {
        case empty
        case bytes([UInt8])
        case string(String)
        case source(any HTTPBodySource)
        case producer(length: Int?, @Sendable (any HTTPBodyWriter) async throws -> Void)
    }

    let storage: Storage

    init(storage: Storage) { self.storage = storage }

    public static let empty = HTTPBody(storage: .empty)

    public static func bytes(_ bytes: [UInt8]) -> HTTPBody { HTTPBody(storage: .bytes(bytes)) }

    public static func string(_ string: String) -> HTTPBody { HTTPBody(storage: .string(string)) }

    /// A body that is read chunk by chunk from `source`, once.
    public static func source(_ source: any HTTPBodySource) -> HTTPBody { HTTPBody(storage: .source(source)) }

    /// A body that `produce` writes while it is being sent. `write` suspends while the other end is slower.
    ///
    /// - Parameter length: the exact number of bytes, when it is known; the message is chunked otherwise. Writing more
    ///   or less is an error, and the connection is closed.
    public static func stream(
        length: Int? = nil, _ produce: @escaping @Sendable (any HTTPBodyWriter) async throws -> Void
    ) -> HTTPBody {
        HTTPBody(storage: .producer(length: length, produce))
    }

    /// In bytes; nil when it is not known before the end.
    public var length: Int? {
        switch storage {
        case .empty: 0
        case .bytes(let bytes): bytes.count
        case .string(let string): string.utf8.count
        case .source(let source): source.length
        case .producer(let length, _): length
        }
    }

    /// Read, or made, while it is being sent.
    var isStreamed: Bool {
        switch storage {
        case .empty, .bytes, .string: false
        case .source, .producer: true
        }
    }

    /// Whether there is certainly nothing in it.
    public var isEmpty: Bool { length == 0 }

    /// The whole body, which must not be longer than `limit` bytes: ``HTTPBodyTooLarge`` otherwise, without reading on.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        switch storage {
        case .empty: return []
        case .bytes(let bytes):
            guard bytes.count <= limit else { throw HTTPBodyTooLarge(limit: limit) }
            return bytes
        case .string(let string):
            guard string.utf8.count <= limit else { throw HTTPBodyTooLarge(limit: limit) }
            return Array(string.utf8)
        case .source(let source):
            if let length = source.length, length > limit { throw HTTPBodyTooLarge(limit: limit) }
            var whole: [UInt8] = []
            if let length = source.length { whole.reserveCapacity(length) }
            while let chunk = try await source.next() {
                guard chunk.count <= limit - whole.count else { throw HTTPBodyTooLarge(limit: limit) }
                if whole.isEmpty, chunk.count == source.length { return chunk }
                whole += chunk
            }
            return whole
        case .producer(_, let produce):
            let collector = CollectingWriter(limit: limit)
            try await produce(collector)
            return collector.bytes
        }
    }

    /// The fields after the last chunk; empty before the body has been read to its end.
    public var trailers: HTTPHeaders {
        if case .source(let source) = storage { source.trailers } else { HTTPHeaders() }
    }

    /// The same body, not read yet, with another limit: what goes over throws ``HTTPBodyTooLarge`` when it is read.
    func limited(to limit: Int) -> HTTPBody {
        switch storage {
        case .source(let source): source.limit(to: limit)
        case .bytes(let bytes) where bytes.count > limit:
            return .source(RefusedSource(length: bytes.count, limit: limit))
        case .string(let string) where string.utf8.count > limit:
            return .source(RefusedSource(length: string.utf8.count, limit: limit))
        case .empty, .bytes, .string, .producer: break
        }
        return self
    }
}

/// Chunk by chunk. A produced body has no chunks to pull: it is run to its end first (16 MiB at most).
extension HTTPBody: AsyncSequence {
    public struct AsyncIterator: AsyncIteratorProtocol {
        private static let producedLimit = 16 << 20

        fileprivate var storage: Storage

        public mutating func next() async throws -> [UInt8]? {
            if case .source(let source) = storage { return try await source.next() }
            let whole = try await HTTPBody(storage: storage).collect(upTo: Self.producedLimit)
            storage = .empty
            return whole.isEmpty ? nil : whole
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(storage: storage) }
}

/// Where a received body comes from. Read by one task, once.
public protocol HTTPBodySource: AnyObject, Sendable {
    /// In bytes, when the sender declared it.
    var length: Int? { get }
    /// The next bytes, never an empty array; nil after the last. Suspends until some arrive.
    func next() async throws -> [UInt8]?
    /// The fields that followed the last chunk.
    var trailers: HTTPHeaders { get }
    /// From now on a total above `limit` bytes is ``HTTPBodyTooLarge``.
    func limit(to limit: Int)
}

/// Where a produced body goes. Used by the one task that the body's function runs in.
public protocol HTTPBodyWriter: AnyObject, Sendable {
    /// Sends bytes on; suspends while the other end is slower. Throws when it is gone.
    func write(_ bytes: [UInt8]) async throws
    /// Fields after the last chunk; nothing where the body is not chunked.
    func setTrailers(_ trailers: HTTPHeaders)
    /// For a stream without an end of its own: from now on a client that closes its half of the connection counts as
    /// gone, and the producer is cancelled. Others still want their answer; but whoever closes a stream of events looks
    /// just like them, and would otherwise be noticed with the second write after that.
    func cancelWhenReaderLeaves()
}

extension HTTPBodyWriter {
    public func cancelWhenReaderLeaves() {}

    public func write(_ string: String) async throws { try await write(Array(string.utf8)) }
}

/// More bytes than the reader was willing to take.
public struct HTTPBodyTooLarge: Error, Equatable, CustomStringConvertible {
    /// In bytes.
    public let limit: Int

    public init(limit: Int) { self.limit = limit }

    /// The text of Go's `http.MaxBytesReader` (contracts, course A.2).
    public var description: String { "http: request body too large" }
}

/// Gathers a produced body.
private final class CollectingWriter: HTTPBodyWriter {
    private let gathered = Locked<[UInt8]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var bytes: [UInt8] { gathered.withLock { $0 } }

    func write(_ chunk: [UInt8]) async throws {
        try gathered.withLock { bytes in
            guard chunk.count <= limit - bytes.count else { throw HTTPBodyTooLarge(limit: limit) }
            bytes += chunk
        }
    }

    func setTrailers(_ trailers: HTTPHeaders) {}
}

/// Stands in for a body that is too long, so that whoever reads it finds out, and nobody else has to.
private final class RefusedSource: HTTPBodySource {
    let length: Int?
    private let allowed: Int

    init(length: Int, limit: Int) {
        self.length = length
        allowed = limit
    }

    func next() async throws -> [UInt8]? { throw HTTPBodyTooLarge(limit: allowed) }
    var trailers: HTTPHeaders { HTTPHeaders() }
    func limit(to limit: Int) {}
}

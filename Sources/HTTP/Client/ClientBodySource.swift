internal import MartletCore
internal import MartletRuntime

/// The body of a response as it arrives. The socket is not read while nobody asks for more: that is the backpressure.
/// Dropped before its end, it gives the connection up.
final class ClientBodySource: HTTPBodySource, @unchecked Sendable {
    // @unchecked: read by one task, as every source. While there is a connection, `next` goes to its loop, and all that
    // changes is touched there; a body that is all here is touched by its reader alone. `trailers` is for the task that
    // has read to the end, after which nothing changes. `deinit` has it to itself, and leaves the rest to the loop.

    let length: Int?
    private let client: ClientConnection?
    private let exchange: UInt64
    private var first: [UInt8]
    private var received = 0
    private var allowed = Int.max
    private var isOver: Bool
    private var isReading = false
    private(set) var trailers: HTTPHeaders

    init(_ client: ClientConnection, length: Int?, first: [UInt8]) {
        self.client = client
        self.length = length
        self.first = first
        exchange = client.exchange
        isOver = false
        trailers = HTTPHeaders()
    }

    /// A body that is all here.
    init(finished piece: ClientConnection.Piece) {
        client = nil
        length = piece.bytes.count
        first = piece.bytes
        exchange = 0
        isOver = true
        trailers = piece.trailers
    }

    deinit {
        if !isOver { client?.abandonBody(of: exchange) }
    }

    func limit(to limit: Int) { allowed = limit }

    func next() async throws -> [UInt8]? {
        guard let client, !client.connection.loop.isCurrent else { return try await read() }
        return try await withTaskExecutorPreference(client.connection.loop) { @concurrent in try await self.read() }
    }

    private func read() async throws -> [UInt8]? {
        if let length, length > allowed { throw HTTPBodyTooLarge(limit: allowed) }
        if !first.isEmpty {
            let piece = first
            first = []
            return try counted(piece)
        }
        guard !isOver, let client else { return nil }
        guard !isReading else { throw ServiceError(.internal, "a response's body is read by two tasks at once") }
        isReading = true
        defer { isReading = false }
        do {
            let piece = try await client.nextPiece(of: exchange)
            if piece.isLast {
                isOver = true
                trailers = piece.trailers
            }
            return piece.bytes.isEmpty ? nil : try counted(piece.bytes)
        } catch {
            isOver = true
            throw error
        }
    }

    private func counted(_ piece: [UInt8]) throws -> [UInt8] {
        received += piece.count
        guard received <= allowed else { throw HTTPBodyTooLarge(limit: allowed) }
        return piece
    }
}

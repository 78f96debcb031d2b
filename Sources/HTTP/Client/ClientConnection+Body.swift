internal import MartletCore
internal import MartletRuntime

extension ClientConnection {
    /// A part of a response's body.
    struct Piece {
        /// Empty when nothing has arrived, or the body ended.
        var bytes: [UInt8] = []
        var isLast = false
        var trailers = HTTPHeaders()
    }

    /// What one piece holds at most, in bytes.
    private static let pieceLimit = 64 << 10

    /// What has arrived of the body.
    func takePiece() throws -> Piece {
        switch rest {
        case .none: return Piece(isLast: true)
        case .length(let left):
            let bytes = takeBytes(atMost: left)
            rest = .length(left - bytes.count)
            return Piece(bytes: bytes, isLast: bytes.count == left)
        case .untilClose: return Piece(bytes: takeBytes(atMost: .max))
        case .chunked(let decoder): return try takeChunked(decoder)
        }
    }

    private func takeBytes(atMost limit: Int) -> [UInt8] {
        let count = min(limit, connection.input.count, Self.pieceLimit)
        let bytes = [UInt8](connection.input.readableBytes.prefix(count))
        connection.input.consume(count)
        return bytes
    }

    /// Small chunks are joined to one piece.
    private func takeChunked(_ decoder: HTTPChunkedDecoder) throws -> Piece {
        var decoder = decoder
        var piece = Piece()
        while !piece.isLast, piece.bytes.count < Self.pieceLimit, !connection.input.isEmpty {
            let input = connection.input.readableBytes
            let consumed: Int
            switch try decoder.next(input) {
            case .needsMore: consumed = input.count
            case .data(let start, let end):
                piece.bytes += input[start..<end]
                consumed = end
            case .finished(let end):
                consumed = end
                piece.isLast = true
                piece.trailers = decoder.trailers
            }
            connection.input.consume(consumed)
        }
        rest = .chunked(decoder)
        return piece
    }

    /// The next piece that is not empty, or the last. Ends the exchange with the last, and when it fails.
    func nextPiece(of exchange: UInt64) async throws -> Piece {
        guard exchange == self.exchange else { return Piece(isLast: true) }
        do {
            while true {
                var piece = try takePiece()
                if piece.isLast || !piece.bytes.isEmpty {
                    if piece.isLast { endExchange(isComplete: true) }
                    return piece
                }
                updateDeadline()
                let goesOn = try await withTaskCancellationHandler {
                    try await connection.moreInput()
                } onCancel: { [self] in
                    cancel(exchange)
                }
                guard !goesOn else { continue }
                guard case .untilClose = rest else {
                    throw ConnectionError.reset("closed by the server in the middle of the body")
                }
                piece.isLast = true
                endExchange(isComplete: true)
                return piece
            }
        } catch {
            let cause = cause(of: error)
            endExchange(isComplete: false)
            throw cause
        }
    }

    /// From any thread: nobody reads the rest of the body. What has arrived already is read over if that ends it.
    func abandonBody(of exchange: UInt64) {
        connection.loop.execute { [self] in
            guard exchange == self.exchange else { return }
            let piece = try? takePiece()
            endExchange(isComplete: piece?.isLast ?? false)
        }
    }
}

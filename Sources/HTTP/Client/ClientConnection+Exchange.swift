internal import MartletCore
internal import MartletRuntime

extension ClientConnection {
    /// A request's body of up to this size, in bytes, is written with the head.
    private static let directBodyLimit = 256 << 10
    /// A response's body of up to this size that has arrived with its head is handed over as bytes.
    static let wholeBodyLimit = 64 << 10
    /// How many interim (1xx) responses may come before the final one.
    private static let interimLimit = 16

    /// Sends the request and reads the head of the response, and the body if it is there already.
    ///
    /// - Throws: ``ExchangeFailure``; the connection is closed then.
    func exchange(_ call: ClientCall) async throws -> HTTPResponse {
        guard !Task.isCancelled else {
            pool.checkIn(self, isUsable: isUsable)
            throw ExchangeFailure(cause: CancellationError(), mayRepeat: false)
        }
        beginExchange(before: call.deadline)
        let number = exchange
        return try await withTaskCancellationHandler {
            do {
                try write(call)
                let head = try await readHead(answering: call.request.method)
                return try takeResponse(head)
            } catch {
                let failure = (error as? ExchangeFailure) ?? explain(error, call)
                endExchange(isComplete: false)
                throw failure
            }
        } onCancel: { [self] in
            cancel(number)
        }
    }

    // MARK: Request

    private func write(_ call: ClientCall) throws {
        let body = call.request.body
        let framing = HTTPRequestEncoder.framing(call.request.method, length: body.length)
        let capacity = HTTPRequestEncoder.headCapacity(call.request, to: call.base, call.context)
        connection.output.withWritable(minimum: capacity) { buffer in
            HTTPRequestEncoder.writeHead(
                call.request, to: call.base, body: framing, context: call.context, now: .now, into: buffer)
        }
        let expects = framing != .none && Self.expectsContinue(call.request.headers)
        switch body.storage {
        case .empty: break
        case .bytes(let bytes) where bytes.count <= Self.directBodyLimit && !expects: connection.output.append(bytes)
        case .string(let string) where string.utf8.count <= Self.directBodyLimit && !expects:
            connection.output.append(string)
        case .bytes, .string, .source, .producer:
            upload = ClientUpload(body, framing: framing, on: self)
        }
        let size = connection.output.count
        do {
            try connection.flush()
        } catch {
            // Nothing of the request has left if all of it is still here: what a used connection may still hold, such as
            // a 408 for having been idle, is no answer to it.
            let isUnsent = connection.output.count == size
            if wasUsedBefore && isUnsent {
                throw ExchangeFailure(cause: cause(of: error), mayRepeat: !Task.isCancelled)
            }
            // The failure is kept, and thrown by the reading, which first gives what has arrived.
            return
        }
        upload?.start(holdingBack: expects)
    }

    private static func expectsContinue(_ headers: HTTPHeaders) -> Bool {
        headers.withValue(ofKnown: "expect") { $0.equalsIgnoringCase("100-continue") } ?? false
    }

    // MARK: Response

    private func readHead(answering method: HTTPMethod) async throws -> HTTPResponseParser.Head {
        var interimCount = 0
        var ending: (any Error)?
        while true {
            if let head = try parser.parse(connection.input.readableBytes, answering: method) {
                connection.input.consume(head.consumed)
                hasAnswered = true
                guard head.status.isInformational else {
                    upload?.finalHeadArrived()
                    return head
                }
                guard head.status.code != 101 else {
                    throw HTTPParseError(.badGateway, "another protocol, which nobody asked for")
                }
                interimCount += 1
                guard interimCount <= Self.interimLimit else {
                    throw HTTPParseError(.badGateway, "too many interim responses")
                }
                if head.status == .continue { upload?.proceed() }
                continue
            }
            // A server that answers early and hangs up may make the sending fail before its answer was looked at.
            if let ending { throw ending }
            updateDeadline()
            do {
                guard try await connection.moreInput() else {
                    throw ConnectionError.reset("closed by the server before an answer")
                }
            } catch {
                guard !connection.input.isEmpty else { throw error }
                ending = error
            }
        }
    }

    private func takeResponse(_ head: HTTPResponseParser.Head) throws -> HTTPResponse {
        noteKeepAlive(head)
        var response = HTTPResponse(head.status, headers: head.headers)
        switch head.body {
        case .none, .length(0):
            endExchange(isComplete: true)
            return response
        case .length(let length):
            if length <= Self.wholeBodyLimit, connection.input.count >= length {
                response.body = .bytes([UInt8](connection.input.readableBytes.prefix(length)))
                connection.input.consume(length)
                endExchange(isComplete: true)
                return response
            }
            rest = .length(length)
        case .chunked: rest = .chunked(HTTPChunkedDecoder(limits: pool.limits.head))
        case .untilClose: rest = .untilClose
        }
        let piece = try takePiece()
        if piece.isLast {
            response.body = piece.trailers.isEmpty ? .bytes(piece.bytes) : .source(ClientBodySource(finished: piece))
            endExchange(isComplete: true)
        } else {
            let length: Int? = if case .length(let length) = head.body { length } else { nil }
            response.body = .source(ClientBodySource(self, length: length, first: piece.bytes))
        }
        return response
    }

    private func explain(_ error: any Error, _ call: ClientCall) -> ExchangeFailure {
        var isLost = false
        if case ConnectionError.reset? = error as? ConnectionError { isLost = true }
        let gotNothing = connection.input.isEmpty && !hasAnswered
        let mayRepeat =
            isLost && gotNothing && wasUsedBefore && call.isRepeatable && call.hasReplayableBody && !Task.isCancelled
        return ExchangeFailure(cause: cause(of: error), mayRepeat: mayRepeat)
    }
}

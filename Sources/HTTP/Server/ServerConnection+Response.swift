internal import MartletCore
internal import MartletRuntime

extension ServerConnection {
    /// What is handed to the connection at once of a body in memory, in bytes.
    private static let pieceSize = 256 << 10

    /// Writes a response to the connection's output, and a streamed one through it. Returns whether another request may
    /// follow; throws when the connection cannot be used any more.
    func send(_ response: HTTPResponse, isHead: Bool, minorVersion: UInt8, keepAlive: Bool) async throws -> Bool {
        let (persists, framing) = begin(response, isHead: isHead, minorVersion: minorVersion, keepAlive: keepAlive)
        if let framing { try await stream(response.body, framing) }
        return persists
    }

    /// Writes the head, and the body if it is all there. Apart from the streaming, so that most answers need no
    /// asynchronous frame. The framing is returned for a body that is still to be streamed.
    func begin(
        _ response: HTTPResponse, isHead: Bool, minorVersion: UInt8, keepAlive: Bool
    ) -> (persists: Bool, streamed: HTTPResponseEncoder.Body?) {
        guard HTTPResponseEncoder.isSendable(response.headers) else {
            let failure = HTTPResponse(failure: ServiceError(.internal, "internal error"))
            return begin(failure, isHead: isHead, minorVersion: minorVersion, keepAlive: keepAlive)
        }
        let framing = HTTPResponseEncoder.framing(
            response.status, length: response.body.length, minorVersion: minorVersion)
        let persists = keepAlive && framing != .untilClose && !asksToClose(response.headers)
        writeHead(response, framing, keepAlive: persists, minorVersion: minorVersion)
        guard !isHead, framing != .none else { return (persists, nil) }
        switch response.body.storage {
        case .empty: break
        case .bytes(let bytes) where bytes.count <= Self.pieceSize: connection.output.append(bytes)
        case .string(let string) where string.utf8.count <= Self.pieceSize: connection.output.append(string)
        case .bytes, .string, .source, .producer: return (persists, framing)
        }
        return (persists, nil)
    }

    func stream(_ body: HTTPBody, _ framing: HTTPResponseEncoder.Body) async throws {
        let writer = ConnectionBodyWriter(self, framing: framing)
        switch body.storage {
        case .empty: break
        case .bytes(let bytes): return try await send(bytes)
        case .string(let string): return try await send(Array(string.utf8))
        case .source(let source):
            while let chunk = try await source.next() { try await writer.write(chunk) }
            writer.setTrailers(source.trailers)
        case .producer(_, let produce):
            try connection.flush()
            try await produce(writer)
        }
        try writer.finish()
    }

    /// In pieces: all at once it would be held twice, and a client would have to take all of it without a stall's
    /// length of time.
    private func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            connection.output.append(rest.prefix(Self.pieceSize))
            rest = rest.dropFirst(Self.pieceSize)
            try await drainOutput()
        }
    }

    private func asksToClose(_ headers: HTTPHeaders) -> Bool {
        guard headers.block?.known.contains(.connection) == true else { return false }
        return headers.withValue(ofKnown: "connection") { value in
            var closes = false
            value.forEachListElement { if $0.equalsIgnoringCase("close") { closes = true } }
            return closes
        } ?? false
    }

    func writeHead(
        _ response: HTTPResponse, _ framing: HTTPResponseEncoder.Body, keepAlive: Bool, minorVersion: UInt8
    ) {
        hasBegunAnswer = true
        let date = loop.date(at: .now)
        connection.output.withWritable(minimum: HTTPResponseEncoder.headCapacity(response.headers)) { buffer in
            HTTPResponseEncoder.writeHead(
                response.status, response.headers, body: framing, keepAlive: keepAlive, minorVersion: minorVersion,
                date: date, into: buffer)
        }
    }
}

internal import MartletCore
internal import MartletRuntime

extension ServerConnection {
    /// Writes a response to the connection's output, and a streamed one through it. Returns whether another request may
    /// follow; throws when the connection cannot be used any more.
    func send(_ response: HTTPResponse, isHead: Bool, minorVersion: UInt8, keepAlive: Bool) async throws -> Bool {
        guard HTTPResponseEncoder.isSendable(response.headers) else {
            let failure = HTTPResponse(failure: ServiceError(.internal, "internal error"))
            return try await send(failure, isHead: isHead, minorVersion: minorVersion, keepAlive: keepAlive)
        }
        let framing = HTTPResponseEncoder.framing(
            response.status, length: response.body.length, minorVersion: minorVersion)
        let persists = keepAlive && framing != .untilClose && !asksToClose(response.headers)
        writeHead(response, framing, keepAlive: persists, minorVersion: minorVersion)
        guard !isHead, framing != .none else { return persists }
        switch response.body.storage {
        case .empty: break
        case .bytes(let bytes): connection.output.append(bytes)
        case .string(let string): connection.output.append(string)
        case .source(let source):
            let writer = ConnectionBodyWriter(self, framing: framing)
            while let chunk = try await source.next() { try await writer.write(chunk) }
            writer.setTrailers(source.trailers)
            try writer.finish()
        case .producer(_, let produce):
            let writer = ConnectionBodyWriter(self, framing: framing)
            try connection.flush()
            try await produce(writer)
            try writer.finish()
        }
        return persists
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

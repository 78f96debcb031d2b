/// Response heads and chunk frames as they stand on the wire (RFC 9112 §4, §7.1). Pure: memory in, length out.
///
/// The framing is decided here alone: `Content-Length`, `Transfer-Encoding`, `Connection` and the like in a response's
/// own fields are not sent.
enum HTTPResponseEncoder {
    /// What follows the head.
    enum Body: Equatable {
        /// Neither a body nor a length: 1xx, 204, 304.
        case none
        case length(Int)
        case chunked
        /// HTTP/1.0, length unknown: the end of the connection is the end of the body.
        case untilClose
    }

    /// How the body of this response to a request of this method and version is framed. HEAD is answered with the
    /// framing that GET would have had, and no body.
    static func framing(_ status: HTTPStatus, length: Int?, minorVersion: UInt8) -> Body {
        if status.forbidsBody { return .none }
        if let length { return .length(length) }
        return minorVersion >= 1 ? .chunked : .untilClose
    }

    /// A response that may not be sent: a field of it could not stand on the wire.
    static func isSendable(_ headers: HTTPHeaders) -> Bool { !headers.isMalformed }

    /// Room enough for the head of this response.
    static func headCapacity(_ headers: HTTPHeaders) -> Int { 256 + HeadWriter.size(of: headers) }

    /// Writes the head and returns its length.
    ///
    /// - Parameters:
    ///   - date: the `Date` field as a whole line, with its CR LF.
    ///   - buffer: at least ``headCapacity(_:)`` bytes.
    static func writeHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, body: Body, keepAlive: Bool, minorVersion: UInt8,
        date: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard var writer = HeadWriter(buffer) else { return 0 }
        writeStatusLine(status, into: &writer)
        writer.write(headers, excluding: .framing)
        if headers.block?.known.contains(.date) != true { writer.write(date) }
        switch body {
        case .none, .untilClose: break
        case .length(let length):
            writer.write("Content-Length: ")
            writer.write(decimal: length)
            writer.write("\r\n")
        case .chunked: writer.write("Transfer-Encoding: chunked\r\n")
        }
        if !keepAlive {
            writer.write("Connection: close\r\n")
        } else if minorVersion == 0 {
            writer.write("Connection: keep-alive\r\n")
        }
        writer.write("\r\n")
        return writer.count
    }

    @inline(__always)
    private static func writeStatusLine(_ status: HTTPStatus, into writer: inout HeadWriter) {
        switch status.code {
        case 200: writer.write("HTTP/1.1 200 OK\r\n")
        case 202: writer.write("HTTP/1.1 202 Accepted\r\n")
        default:
            writer.write("HTTP/1.1 ")
            writer.write(decimal: status.code)
            writer.write(" ")
            writer.write(status.reasonPhrase)
            writer.write("\r\n")
        }
    }

    /// The interim response that asks for the body (RFC 9110 §15.2.1).
    static let continueHead: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    static let chunkFrameCapacity = 18

    /// Writes the line that begins a chunk of `size` bytes; `size` is not 0.
    static func writeChunkSize(_ size: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard var writer = HeadWriter(buffer) else { return 0 }
        writer.write(hexadecimal: size)
        writer.write("\r\n")
        return writer.count
    }

    static func lastChunkCapacity(_ trailers: HTTPHeaders) -> Int { 8 + HeadWriter.size(of: trailers) }

    /// Writes the end of a chunked body. Malformed trailers are left out: the body is sent already.
    static func writeLastChunk(_ trailers: HTTPHeaders, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard var writer = HeadWriter(buffer) else { return 0 }
        writer.write("0\r\n")
        if !trailers.isMalformed { writer.write(trailers, excluding: [.framing, .host]) }
        writer.write("\r\n")
        return writer.count
    }
}

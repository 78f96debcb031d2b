import Testing

@testable import MartletHTTP

@Suite("Responses on the wire")
struct ResponseEncoderTests {
    static let date = Array("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".utf8)

    static func head(
        _ status: HTTPStatus, _ headers: HTTPHeaders = [:], body: HTTPResponseEncoder.Body, keepAlive: Bool = true,
        minorVersion: UInt8 = 1
    ) -> String {
        let capacity = HTTPResponseEncoder.headCapacity(headers)
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = date.withUnsafeBytes { date in
                HTTPResponseEncoder.writeHead(
                    status, headers, body: body, keepAlive: keepAlive, minorVersion: minorVersion, date: date,
                    into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a head")
    func plain() {
        #expect(
            Self.head(.ok, ["Content-Type": "text/plain"], body: .length(12))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Content-Length: 12\r\n\r\n")
    }

    @Test("the framing is the encoder's alone")
    func framing() {
        let headers: HTTPHeaders = [
            "content-length": "99", "X": "y", "Transfer-Encoding": "gzip", "Connection": "x", "Keep-Alive": "1",
            "Date": "now",
        ]
        #expect(
            Self.head(.notFound, headers, body: .chunked, keepAlive: false)
                == "HTTP/1.1 404 Not Found\r\nX: y\r\nDate: now\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        #expect(Self.head(HTTPStatus(299), body: .none).hasPrefix("HTTP/1.1 299 \r\nDate:"))
        #expect(
            Self.head(.ok, body: .length(0), minorVersion: 0).hasSuffix(
                "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"))
    }

    @Test("a length is announced, or chunks, or the end of the connection")
    func choice() {
        #expect(HTTPResponseEncoder.framing(.noContent, length: 3, minorVersion: 1) == .none)
        #expect(HTTPResponseEncoder.framing(.notModified, length: nil, minorVersion: 1) == .none)
        #expect(HTTPResponseEncoder.framing(.ok, length: 3, minorVersion: 0) == .length(3))
        #expect(HTTPResponseEncoder.framing(.ok, length: nil, minorVersion: 1) == .chunked)
        #expect(HTTPResponseEncoder.framing(.ok, length: nil, minorVersion: 0) == .untilClose)
    }

    @Test(
        "chunk sizes are hexadecimal",
        arguments: [(1, "1"), (15, "f"), (16, "10"), (255, "ff"), (Int.max, "7fffffffffffffff")])
    func chunkSize(size: Int, text: String) {
        let bytes = [UInt8](unsafeUninitializedCapacity: HTTPResponseEncoder.chunkFrameCapacity) { buffer, count in
            count = HTTPResponseEncoder.writeChunkSize(size, into: UnsafeMutableRawBufferPointer(buffer))
        }
        #expect(String(decoding: bytes, as: UTF8.self) == text + "\r\n")
    }

    @Test("trailers end a chunked body; those that would frame it again are left out")
    func lastChunk() {
        func last(_ trailers: HTTPHeaders) -> String {
            let capacity = HTTPResponseEncoder.lastChunkCapacity(trailers)
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                count = HTTPResponseEncoder.writeLastChunk(trailers, into: UnsafeMutableRawBufferPointer(buffer))
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(last([:]) == "0\r\n\r\n")
        #expect(last(["X": "y", "Content-Length": "1"]) == "0\r\nX: y\r\n\r\n")
    }
}

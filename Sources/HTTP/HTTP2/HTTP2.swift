// HTTP/2 (RFC 9113) on nghttp2, which does the framing, HPACK, the windows and the rules of the protocol. What is here
// is what that library leaves to its users: streams as objects with backpressure both ways, budgets against floods,
// deadlines, and one HTTP API over both versions. The session knows no socket: bytes in, calls on streams, bytes out;
// HTTP2ServerConnection and HTTP2ClientConnection drive it over Runtime's connections.
//
// What is not here: server push, priorities (RFC 9113 §5.3.2 has given them up), `Upgrade: h2c` (given up as well; a
// client of ours or of others speaks HTTP/2 at once, or agrees on it by ALPN).

internal import CNGHTTP2

/// Why a stream or a connection ended (RFC 9113 §7). Codes that nobody has registered are kept as they are.
package struct HTTP2ErrorCode: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: UInt32

    package init(_ code: UInt32) { self.code = code }

    package static let noError = HTTP2ErrorCode(0)
    package static let protocolError = HTTP2ErrorCode(1)
    package static let internalError = HTTP2ErrorCode(2)
    package static let flowControlError = HTTP2ErrorCode(3)
    package static let settingsTimeout = HTTP2ErrorCode(4)
    package static let streamClosed = HTTP2ErrorCode(5)
    package static let frameSizeError = HTTP2ErrorCode(6)
    package static let refusedStream = HTTP2ErrorCode(7)
    package static let cancel = HTTP2ErrorCode(8)
    package static let compressionError = HTTP2ErrorCode(9)
    package static let connectError = HTTP2ErrorCode(10)
    package static let enhanceYourCalm = HTTP2ErrorCode(11)
    package static let inadequateSecurity = HTTP2ErrorCode(12)
    package static let http11Required = HTTP2ErrorCode(13)

    /// As the RFC writes it.
    package var description: String {
        let names = [
            "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
            "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
        ]
        return Int(code) < names.count ? names[Int(code)] : "error \(code)"
    }
}

/// The bytes that a client begins with (RFC 9113 §3.4). No HTTP/1.1 request does: PRI is reserved for this.
enum HTTP2Preface {
    static let bytes: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    enum Match { case yes, no, needsMore }

    static func match(_ input: UnsafeRawBufferPointer) -> Match {
        let count = min(input.count, bytes.utf8CodeUnitCount)
        // The second byte of most requests of HTTP/1.1 settles it.
        for index in 0..<count where input[index] != bytes.utf8Start[index] { return .no }
        return count == bytes.utf8CodeUnitCount ? .yes : .needsMore
    }
}

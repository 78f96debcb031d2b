internal import MartletCore
internal import MartletRuntime
internal import MartletTLS

extension ServerConnection {
    /// What is spoken here, for clients that say what they speak (ALPN). curl has a name of its own for its HTTP/1.0.
    private static let http1: TLSProtocols = ["http/1.1", "http/1.0"]
    private static let both: TLSProtocols = ["h2", "http/1.1", "http/1.0"]

    /// The first byte of a TLS record that begins a handshake (RFC 8446 §5.1). No request begins with it.
    private static let handshakeByte: UInt8 = 0x16

    /// Protects the connection where that is asked for. Returns whether requests may follow.
    func secure() async throws -> Bool {
        guard let tls else { return true }
        if connection.input.isEmpty {
            isIdle = true
            defer { isIdle = false }
            guard try await moreInput(until: .now + limits.firstByte) else { return false }
        }
        if connection.input.readableBytes.first == Self.handshakeByte {
            try await connection.startTLS(
                tls.context, protocols: limits.http2IsEnabled ? Self.both : Self.http1,
                deadline: .now + limits.handshake)
            return true
        }
        if tls.allowsCleartext { return true }
        try await answerAndClose(HTTPResponse(failure: HTTPError(.badRequest, "this port speaks https alone")))
        return false
    }
}

internal import MartletHTTP
internal import MartletWire

extension GRPCStatus {
    /// The longest message that is sent, in bytes before it is escaped: trailers have a limit at every client.
    private static let messageLimit = 2048
    /// Details of more bytes are left out.
    private static let detailsLimit = 4096

    func add(to trailers: inout HTTPHeaders) {
        trailers.add("grpc-status", String(code))
        if !message.isEmpty { trailers.add("grpc-message", Self.escape(message)) }
        guard !details.isEmpty else { return }
        var whole = RPCStatusMessage()
        whole.code = Int32(truncatingIfNeeded: code)
        whole.text = message
        whole.details = details
        let bytes = Protobuf.encode(whole)
        if bytes.count <= Self.detailsLimit { trailers.add("grpc-status-details-bin", GRPCMetadata.base64(bytes)) }
    }

    /// Nil when there is no status in them.
    init?(trailers: HTTPHeaders) {
        let code = trailers.withValue(of: "grpc-status") { Int(String(decoding: $0, as: UTF8.self)) }
        guard let code else { return nil }
        self.init(code: code ?? 2)
        message = trailers.withValue(of: "grpc-message") { Self.unescape($0) } ?? ""
        let packed = trailers.withValue(of: "grpc-status-details-bin") { String(decoding: $0, as: UTF8.self) }
        if let packed, let bytes = Base64.decode(packed.utf8, isLenient: true),
            let whole = try? Protobuf.decode(RPCStatusMessage.self, from: bytes)
        {
            details = whole.details
        }
    }

    /// Percent-encoded UTF-8: whatever is not printable ASCII, and `%`.
    static func escape(_ message: String) -> String {
        var escaped: [UInt8] = []
        for byte in message.utf8.prefix(messageLimit) {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                escaped.append(byte)
            } else {
                let digits: StaticString = "0123456789ABCDEF"
                escaped += [
                    UInt8(ascii: "%"), digits.utf8Start[Int(byte >> 4)], digits.utf8Start[Int(byte & 15)],
                ]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// What is not properly escaped stays as it is.
    static func unescape(_ text: UnsafeRawBufferPointer) -> String {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }
}

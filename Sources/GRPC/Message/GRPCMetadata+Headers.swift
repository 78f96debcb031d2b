internal import MartletHTTP
internal import MartletWire

extension GRPCMetadata {
    /// What the fields of a head or of trailers say, without those of HTTP and of gRPC itself.
    init(_ headers: HTTPHeaders) {
        headers.forEachBytes { name, value in
            guard !Self.isReserved(name) else { return }
            let name = String(decoding: name, as: UTF8.self)
            guard name.hasSuffix("-bin") else { return add(name, String(decoding: value, as: UTF8.self)) }
            // Several values may stand in one field, as HTTP lets them be joined.
            for part in value.split(separator: UInt8(ascii: ",")) {
                let text = String(decoding: part.filter { $0 != 0x20 }, as: UTF8.self)
                if let bytes = Base64.decode(text.utf8, isLenient: true) { add(name, binary: bytes) }
            }
        }
    }

    /// Adds the entries as fields. Those that cannot stand on the wire are left out: one of them would take the answer
    /// with it.
    func add(to headers: inout HTTPHeaders) {
        for entry in entries where Self.isSendable(entry) {
            switch entry.value {
            case .text(let text): headers.add(entry.name, text)
            case .binary(let bytes): headers.add(entry.name, Self.base64(bytes))
            }
        }
    }

    /// Without padding, as gRPC wants it written.
    static func base64(_ bytes: [UInt8]) -> String {
        var text = Base64.encode(bytes)
        while text.last == UInt8(ascii: "=") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isSendable(_ entry: Entry) -> Bool {
        var name = entry.name
        let isName = name.withUTF8 { name in
            let isUsable = name.allSatisfy { byte in
                byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F || byte == 0x2E
            }
            return !name.isEmpty && isUsable && !isReserved(UnsafeRawBufferPointer(name))
        }
        guard isName else { return false }
        switch entry.value {
        case .text(let text):
            return !entry.name.hasSuffix("-bin") && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        case .binary: return entry.name.hasSuffix("-bin")
        }
    }

    private static func isReserved(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: name.equals("te")
        case 4: name.equals("host") || name.equals("date")
        case 6...:
            name.hasPrefix("grpc-") || name.equals("content-type") || name.equals("content-length")
                || name.equals("connection") || name.equals("transfer-encoding") || name.equals("keep-alive")
                || name.equals("upgrade") || name.equals("proxy-connection")
        default: false
        }
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

    @inline(__always)
    func hasPrefix(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length where self[index] != text.utf8Start[index] { return false }
        return true
    }
}

/// Keeps other sites' pages away from routes that are not open to the web: `Origin` must be the server's own, and
/// `Host` a name that nobody else can point at this machine (DNS rebinding).
public struct OriginPolicy: Sendable {
    /// Names, without a port, under which the server may be addressed, besides IP addresses, `localhost` and names of
    /// a single label (those of containers), which no foreign page can have.
    public var hosts: Set<String>
    /// Further origins that are as good as the server's own: `http://localhost:8001`.
    public var trustedOrigins: Set<String>

    public init(hosts: Set<String> = [], trustedOrigins: Set<String> = []) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        self.trustedOrigins = Set(trustedOrigins.map { $0.lowercased() })
    }

    enum Refusal { case none, host, origin }

    /// Why a request is refused (403). A request without `Origin` does not come from a page of another site that could
    /// read the answer or change anything: browsers send it with both.
    func refusal(of request: HTTPRequest) -> Refusal {
        let host: Bool? = withAuthority(of: request) { isOwnHost($0) }
        if host == false { return .host }
        let origin: Bool? = request.headers.withValue(ofKnown: "origin") { origin in
            withAuthority(of: request) { Self.isSame(origin, as: $0) } ?? false
                || trustedOrigins.contains(String(bytes: origin).lowercased())
        }
        return origin == false ? .origin : .none
    }

    private func withAuthority<Result>(
        of request: HTTPRequest, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        if let authority = request.head.requestLine.authority { return body(request.head.bytes(of: authority)) }
        return request.headers.withValue(ofKnown: "host", body)
    }

    private func isOwnHost(_ authority: UnsafeRawBufferPointer) -> Bool {
        if authority.first == UInt8(ascii: "[") { return true }
        let name = authority.slice(0, authority.firstIndex(of: ASCII.colon, from: 0) ?? authority.count)
        guard let dot = name.firstIndex(of: UInt8(ascii: "."), from: 0) else { return true }
        if Self.isIPv4(name) { return true }
        if dot == name.count - 1 { return true }
        let text = String(bytes: name).lowercased()
        return text.hasSuffix(".localhost") || hosts.contains(text)
    }

    /// Four dotted numbers. No name looks like that: a top-level domain is never all digits (RFC 3696 §2).
    private static func isIPv4(_ name: UnsafeRawBufferPointer) -> Bool {
        var dots = 0
        for byte in name {
            if byte == UInt8(ascii: ".") {
                dots += 1
            } else if !ASCII.isDigit(byte) {
                return false
            }
        }
        return dots == 3
    }

    /// Whether `scheme://authority` names this authority; the scheme's own port may be left out on either side.
    private static func isSame(_ origin: UnsafeRawBufferPointer, as authority: UnsafeRawBufferPointer) -> Bool {
        if origin.count > 7, origin.slice(0, 7).equalsIgnoringCase("http://") {
            return withoutPort(origin.slice(7, origin.count), ":80").equalsIgnoringCase(withoutPort(authority, ":80"))
        }
        if origin.count > 8, origin.slice(0, 8).equalsIgnoringCase("https://") {
            return withoutPort(origin.slice(8, origin.count), ":443")
                .equalsIgnoringCase(withoutPort(authority, ":443"))
        }
        return false
    }

    private static func withoutPort(_ authority: UnsafeRawBufferPointer, _ port: StaticString) -> UnsafeRawBufferPointer
    {
        let rest = authority.count - port.utf8CodeUnitCount
        guard rest > 0, authority.slice(rest, authority.count).equalsIgnoringCase(port) else { return authority }
        return authority.slice(0, rest)
    }
}

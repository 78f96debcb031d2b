public import MartletCore
public import MartletRuntime

/// Where a service is, and what stands before every path there: `http://logger:8082`, `https://gateway/logs`,
/// `http+unix://%2Frun%2Flogger.sock`. Read once, when the service is configured.
public struct HTTPBaseURL: Sendable, Hashable, CustomStringConvertible {
    let origin: HTTPOrigin
    /// Without a slash at its end.
    let prefix: String
    /// What is spoken there.
    public var version = HTTPVersion.http1

    /// The same place in another version of HTTP.
    public func speaking(_ version: HTTPVersion) -> HTTPBaseURL {
        var other = self
        other.version = version
        return other
    }

    /// Reads an absolute URL.
    ///
    /// - Throws: `invalidArgument` for what is none, or holds credentials or a query.
    public init(_ text: String) throws(ServiceError) {
        guard let url = ServiceURL(text) else {
            throw ServiceError(.invalidArgument, "'\(text)' is not an absolute URL such as http://host:port/path")
        }
        guard url.user == nil, url.query == nil else {
            throw ServiceError(.invalidArgument, "\(url): the URL of a service has neither credentials nor a query")
        }
        switch url.scheme {
        case "http":
            try self.init(host: url.host, port: url.port ?? 80, prefix: url.path)
        case "http+unix":
            var host = url.host
            let path = host.withUTF8 { percentDecoded(UnsafeRawBufferPointer($0), plusIsSpace: false) }
            self.init(origin: try HTTPOrigin(SocketAddress(unixPath: path)), prefix: url.path)
        case "https":
            try self.init(host: url.host, port: url.port ?? 443, isSecure: true, prefix: url.path)
        default:
            throw ServiceError(.invalidArgument, "\(url): '\(url.scheme)' is none of http, https and http+unix")
        }
    }

    /// - Parameters:
    ///   - host: a name or an address, IPv6 without brackets.
    ///   - isSecure: `https`.
    ///   - prefix: goes before the path of every request; visible ASCII, percent-encoded where need be.
    public init(
        host: String, port: Int, isSecure: Bool = false, prefix: String = ""
    ) throws(ServiceError) {
        guard let number = UInt16(exactly: port), number > 0 else {
            throw ServiceError(.invalidArgument, "\(port) is not a port to connect to (1 to 65535)")
        }
        guard prefix.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { throw ServiceError(.invalidArgument, "'\(prefix)' cannot stand before a path") }
        self.init(origin: try HTTPOrigin(host: host, port: number, isSecure: isSecure), prefix: prefix)
    }

    /// A socket's address as it is. `Host` says `localhost` for a UNIX socket.
    public init(_ address: SocketAddress) throws(ServiceError) {
        self.init(origin: try HTTPOrigin(address), prefix: "")
    }

    private init(origin: HTTPOrigin, prefix: String) {
        self.origin = origin
        var prefix = prefix[...]
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.prefix = prefix.isEmpty || prefix.hasPrefix("/") ? String(prefix) : "/" + prefix
    }

    public var description: String { origin.description + prefix }
}

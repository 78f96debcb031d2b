internal import MartletCore
internal import MartletRuntime

/// Whom a connection goes to: what connections are pooled by. A class, so that comparing one with itself is comparing
/// two pointers.
final class HTTPOrigin: Sendable, Hashable, CustomStringConvertible {
    enum Place: Sendable, Hashable {
        case address(SocketAddress)
        case name(String, port: UInt16)
    }

    let place: Place
    /// `Host` in HTTP/1.1, `:authority` in HTTP/2.
    let authority: String
    /// `https`.
    let isSecure: Bool
    /// Whom the certificate of a server must be for: a name, or an address without brackets.
    let serverName: String
    /// What follows the target in a request line, and the `Host` field.
    let hostLines: String

    init(host: String, port: UInt16, isSecure: Bool = false) throws(ServiceError) {
        let isUsual = port == (isSecure ? 443 : 80)
        let authority = (host.contains(":") ? "[\(host)]" : host) + (isUsual ? "" : ":\(port)")
        var checked = authority
        guard !host.isEmpty, checked.withUTF8({ MessageFraming.isHost(UnsafeRawBufferPointer($0)) }) else {
            throw ServiceError(.invalidArgument, "'\(host)' is not a host")
        }
        if let address = try? SocketAddress(host: host, port: port) {
            place = .address(address)
        } else {
            place = .name(host.lowercased(), port: port)
        }
        hostLines = " HTTP/1.1\r\nHost: \(authority)\r\n"
        self.authority = authority
        self.isSecure = isSecure
        serverName = host
    }

    convenience init(_ address: SocketAddress) throws(ServiceError) {
        if let port = address.port {
            try self.init(host: address.host, port: port)
        } else {
            self.init(unixSocket: address)
        }
    }

    private init(unixSocket address: SocketAddress) {
        place = .address(address)
        hostLines = " HTTP/1.1\r\nHost: localhost\r\n"
        authority = "localhost"
        isSecure = false
        serverName = "localhost"
    }

    static func == (left: HTTPOrigin, right: HTTPOrigin) -> Bool {
        left === right || left.place == right.place && left.isSecure == right.isSecure
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(place)
        hasher.combine(isSecure)
    }

    var description: String {
        let scheme = isSecure ? "https" : "http"
        return switch place {
        case .address(let address): address.port == nil ? "http+unix:\(address)" : "\(scheme)://\(address)"
        case .name(let name, let port): "\(scheme)://\(name):\(port)"
        }
    }

    /// For spans: host or path, and port.
    var server: (address: String, port: UInt16?) {
        switch place {
        case .address(let address): (address.host, address.port)
        case .name(let name, let port): (name, port)
        }
    }
}

public import MartletCore
public import MartletHTTP

/// The peers that are believed when they say for whom they ask (`X-Forwarded-For`): the broker, a reverse proxy.
/// Anybody else could write there what they like, and have as many addresses as they want.
public struct TrustedProxies: Sendable, Equatable, CustomStringConvertible {
    /// A network: an address and how many of its leading bits count.
    private struct Network: Sendable, Equatable {
        let address: IPAddress
        let bits: Int
        let text: String

        /// Reads `10.0.0.0/8`, `fd00::/8`; a bare address is that address alone.
        init?(_ text: Substring) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
            let most = if case .v4 = address { 32 } else { 128 }
            guard parts.count == 2 else {
                self.init(address: address, bits: most, text: String(text))
                return
            }
            guard let bits = UInt8(parts[1]), bits <= most else { return nil }
            self.init(address: address, bits: Int(bits), text: String(text))
        }

        private init(address: IPAddress, bits: Int, text: String) {
            self.address = address
            self.bits = bits
            self.text = text
        }

        func contains(_ other: IPAddress) -> Bool {
            switch (address, other) {
            case (.v4(let network), .v4(let address)):
                // Shifting by the whole width gives 0 here, so /0 holds everything.
                return (network ^ address) >> (32 - bits) == 0
            case (.v6(let network, let networkLow), .v6(let high, let low)):
                if bits <= 64 { return (network ^ high) >> (64 - bits) == 0 }
                return network == high && (networkLow ^ low) >> (128 - bits) == 0
            default: return false
            }
        }
    }

    private let networks: [Network]

    /// This machine.
    public static let loopback = TrustedProxies("127.0.0.0/8,::1") ?? TrustedProxies(networks: [])
    public static let none = TrustedProxies(networks: [])

    /// Reads addresses and networks, separated by commas. Nil when one of them is neither, or there are more than 64.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let networks = parts.compactMap { Network($0.trimmed) }
        guard networks.count == parts.count, networks.count <= 64 else { return nil }
        self.networks = networks
    }

    private init(networks: [Network]) { self.networks = networks }

    public func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    public var description: String { networks.map(\.text).joined(separator: ",") }

    /// Who asks: the socket's other end, or, as long as that is a trusted proxy, whom it names as its own other end.
    ///
    /// - Parameters:
    ///   - peer: the socket's other end, `127.0.0.1:50312`; nil when it has no address.
    ///   - forwardedFor: the values of `X-Forwarded-For` in order. Each proxy appends the address it was asked from, so
    ///     the list is believed from its end, up to the first address that is not trusted.
    /// - Returns: nil when the peer has no address: a UNIX socket, a test.
    public func client(peer: String?, forwardedFor: [String]) -> IPAddress? {
        guard let peer, var nearest = IPAddress(peer: peer) else { return nil }
        guard !forwardedFor.isEmpty, contains(nearest) else { return nearest }
        let hops = forwardedFor.flatMap { $0.split(separator: ",") }
        // More proxies than this stand in no row; the rest of the list is not worth reading.
        for hop in hops.suffix(16).reversed() {
            guard let address = IPAddress(hop.trimmed) ?? IPAddress(peer: String(hop.trimmed)) else { break }
            nearest = address
            if !contains(address) { break }
        }
        return nearest
    }

    /// Who sent the request.
    public func client(of request: HTTPRequest) -> IPAddress? {
        client(peer: request.peer, forwardedFor: request.headers.values(of: "X-Forwarded-For"))
    }
}

extension StandardKeys {
    /// Whom this service believes when they say for whom they ask.
    public static func trustedProxies(
        default proxies: TrustedProxies, _ help: String
    ) -> ConfigurationKey<TrustedProxies> {
        ConfigurationKey("TRUSTED_PROXIES", .trustedProxies, flag: "trusted-proxies", default: proxies, help)
    }
}

extension ConfigurationType<TrustedProxies> {
    fileprivate static var trustedProxies: Self {
        var type = Self(
            allowed: "IP addresses and networks such as 10.0.0.0/8, separated by commas", parse: TrustedProxies.init,
            show: { $0.description })
        type.empty = TrustedProxies.none
        return type
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}

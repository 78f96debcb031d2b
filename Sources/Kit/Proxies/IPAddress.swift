internal import MartletCore
internal import MartletRuntime

/// An IPv4 or IPv6 address.
public enum IPAddress: Sendable, Hashable, CustomStringConvertible {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// Nil for what is no address in figures; `::ffff:192.0.2.1` is 192.0.2.1.
    public init?(_ text: some StringProtocol) {
        // A scope (`fe80::1%eth0`) says by which of our interfaces; it is no part of who it is.
        let figures = text.prefix { $0 != "%" }
        guard let address = try? SocketAddress(host: String(figures), port: 0) else { return nil }
        switch address {
        case .ipv4(let bits, _): self = .v4(bits)
        case .ipv6(0, let low, _, _) where low >> 32 == 0xFFFF: self = .v4(UInt32(truncatingIfNeeded: low))
        case .ipv6(let high, let low, _, _): self = .v6(high: high, low: low)
        case .unix: return nil
        }
    }

    /// Reads a socket's other end: `127.0.0.1:50312`, `[::1]:50312`.
    public init?(peer: String) {
        guard let end = HostPort(peer) else { return nil }
        self.init(end.host)
    }

    public var description: String {
        switch self {
        case .v4(let bits): SocketAddress.ipv4(bits, port: 0).host
        case .v6(let high, let low): SocketAddress.ipv6(high: high, low: low, port: 0, scope: 0).host
        }
    }
}

internal import MartletCore
internal import MartletRuntime

/// Where a request comes from, as limits count it: without the port, and an IPv6 address by its network (/64), because
/// one customer has 2^64 of them.
struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    private let address: SocketAddress

    /// - Parameter text: an IP address in figures; `::ffff:192.0.2.1` is 192.0.2.1. Nil for anything else.
    init?(_ text: some StringProtocol) {
        guard let address = IPAddress(text) else { return nil }
        self.init(address)
    }

    init(_ address: IPAddress) {
        switch address {
        case .v4(let bits): self.address = .ipv4(bits, port: 0)
        case .v6(let high, _): self.address = .ipv6(high: high, low: 0, port: 0, scope: 0)
        }
    }

    /// Whoever has no address: a request that came over a UNIX socket, or in a test.
    static let local = ClientAddress(.v4(0x7F00_0001))

    var description: String { address.host }
}

/// An IPv4 or IPv6 address.
enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// Nil for what is no address in figures.
    init?(_ text: some StringProtocol) {
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
    init?(peer: String) {
        guard let end = HostPort(peer) else { return nil }
        self.init(end.host)
    }
}

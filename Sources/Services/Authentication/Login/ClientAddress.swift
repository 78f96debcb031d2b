internal import MartletKit

/// Where a request comes from, as limits count it: without the port, and an IPv6 address by its network (/64), because
/// one customer has 2^64 of them.
struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    private let address: IPAddress

    init(_ address: IPAddress) {
        switch address {
        case .v4: self.address = address
        case .v6(let high, _): self.address = .v6(high: high, low: 0)
        }
    }

    /// Whoever has no address: a request that came over a UNIX socket, or in a test.
    static let local = ClientAddress(.v4(0x7F00_0001))

    var description: String { address.description }
}

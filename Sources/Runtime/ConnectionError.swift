/// Why a byte stream ended or could not be had.
public enum ConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Its deadline passed while something was waited for.
    case timedOut
    /// The peer, or the network, broke it off.
    case reset(String)
    /// Closed from this side.
    case closed
    /// Nobody answered at the address: the address, and why.
    case unreachable(String, String)
    /// The peers could not agree on how to protect it, or what came is not what the peer sent.
    case insecure(String)

    public var description: String {
        switch self {
        case .timedOut: "the connection timed out"
        case .reset(let reason): "the connection broke: \(reason)"
        case .closed: "the connection was closed"
        case .unreachable(let address, let reason): "cannot connect to \(address): \(reason)"
        case .insecure(let reason): "TLS: \(reason)"
        }
    }
}

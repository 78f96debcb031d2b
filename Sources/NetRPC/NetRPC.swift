// NetRPC: Go's net/rpc over gob (contracts, go-net-rpc), server and client, and JSON-RPC 2.0 over HTTP. Endpoints are
// mounted on method names, and called by them. What the bytes of a value are is Wire's business; what a method means is
// its endpoint's.

public import MartletCore

/// What both ends of a connection know.
public enum NetRPC {
    /// The path of Go's HTTP variant, `rpc.DefaultRPCPath`.
    public static let httpPath = "/_goRPC_"

    /// What a client says, and a server answers, before the gob stream of the HTTP variant.
    static func connectRequest(path: String) -> String { "CONNECT \(path) HTTP/1.0\n\n" }
    static let connectedStatus = "200 Connected to Go RPC"
}

/// A call as a server's middleware sees it.
public struct NetRPCRequest<Argument: Sendable>: Sendable {
    public var argument: Argument
    /// What the caller sent along in the request's header, if it is one of ours (docs/net-rpc.md).
    public var inbound: InboundContext

    @inlinable
    public init(_ argument: Argument, inbound: InboundContext = InboundContext()) {
        self.argument = argument
        self.inbound = inbound
    }
}

extension Exchange {
    /// How middleware reads a net/rpc call.
    @inlinable
    public static func netRPC<Argument>() -> Self where Request == NetRPCRequest<Argument> {
        Exchange(transport: "netrpc", inbound: { $0.inbound }, outcome: { _ in .ok })
    }
}

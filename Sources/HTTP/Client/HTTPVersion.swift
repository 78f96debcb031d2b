/// How a client speaks to a server.
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.1: a connection for each call in progress.
    case http1
    /// HTTP/2, which the server is known to speak ("prior knowledge", RFC 9113 §3.3): one connection for all calls.
    case http2
}

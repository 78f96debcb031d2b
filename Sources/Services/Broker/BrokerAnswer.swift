internal import MartletHTTP
internal import MartletKit

/// Whoever asks the broker, as far as the services behind it want to know.
struct Caller: Sendable {
    /// Where the request came from, without the port; nil when it did not come from a socket.
    var address: String?
    /// The value of the session's cookie.
    var session: String?
}

/// What the broker answers with.
struct BrokerAnswer: Sendable {
    var status = HTTPStatus.accepted
    var envelope: PlainEnvelope
    /// The values of `Set-Cookie`, passed on as they are.
    var cookies: [String] = []

    init(_ envelope: PlainEnvelope, status: HTTPStatus = .accepted, cookies: [String] = []) {
        self.status = status
        self.envelope = envelope
        self.cookies = cookies
    }
}

internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// A service behind the broker, reached by JSON over HTTP.
struct Backend: Sendable {
    let client: HTTPClient
    let base: HTTPBaseURL

    /// In bytes; more than any service of the system answers.
    private static let answerLimit = 1 << 20

    struct Answer {
        var status: HTTPStatus
        var retryAfter: Duration?
        /// What the service wants a browser to keep: the values of `Set-Cookie`.
        var cookies: [String] = []
        /// Nil when the body is not the envelope.
        var envelope: PlainEnvelope?
    }

    /// Posts a message.
    /// - Parameter caller: who asks the broker, for a service that wants to know. Their address alone is sent, not the
    ///   list it came from: the service has to believe the broker, and nobody else in front of it.
    /// - Throws: `ServiceError` that says why there is no answer.
    func post(_ path: String, _ message: some Message, for caller: Caller? = nil) async throws -> Answer {
        var headers = HTTPHeaders.json
        if let address = caller?.address { headers["X-Forwarded-For"] = address }
        if let session = caller?.session { headers["Cookie"] = "\(SessionCookie.name)=\(session)" }
        let request = HTTPRequest(.post, path, headers: headers, body: .bytes(JSON.encode(message)))
        let response = try await client.send(request, to: base)
        let body: [UInt8]
        do {
            body = try await response.body.collect(upTo: Self.answerLimit)
        } catch is HTTPBodyTooLarge {
            // Left as it is, it would tell the broker's caller that their own body is too large.
            throw ServiceError(.unavailable, "\(base): the answer is longer than \(Self.answerLimit) bytes")
        }
        return Answer(
            status: response.status,
            retryAfter: response.headers["Retry-After"].flatMap(Int64.init).map { .seconds(max($0, 0)) },
            cookies: response.headers.values(of: "Set-Cookie"),
            envelope: try? JSON.decode(PlainEnvelope.self, from: body))
    }
}

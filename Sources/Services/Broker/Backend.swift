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
        /// Nil when the body is not the envelope.
        var envelope: PlainEnvelope?
    }

    /// Posts a message.
    /// - Parameter client: who asks the broker, for a service that counts failures by address. It alone is sent, not the
    ///   list it came from: the service has to believe the broker, and nobody else in front of it.
    /// - Throws: `ServiceError` that says why there is no answer.
    func post(_ path: String, _ message: some Message, for client: String? = nil) async throws -> Answer {
        var headers = HTTPHeaders.json
        if let client { headers["X-Forwarded-For"] = client }
        let request = HTTPRequest(.post, path, headers: headers, body: .bytes(JSON.encode(message)))
        let response = try await self.client.send(request, to: base)
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
            envelope: try? JSON.decode(PlainEnvelope.self, from: body))
    }
}

internal import MartletCore
internal import MartletHTTP
internal import MartletKit

/// Lets requests through that carry the administrator's token: `Authorization: Bearer <token>` (RFC 6750 §2.1).
struct AdminGate: Sendable {
    /// Nil: nobody is let through.
    let token: Secret<String>?

    /// The handler behind this gate. What is refused is refused before a byte of the body is read.
    func guarding(
        _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) -> @Sendable (HTTPRequest) async throws -> HTTPResponse {
        { request in
            if let refusal = refusal(of: request) { return refusal }
            return try await handler(request)
        }
    }

    private func refusal(of request: HTTPRequest) -> HTTPResponse? {
        guard let token else {
            return .envelope(
                failure: ServiceError(.permissionDenied, "user administration is off: ADMIN_TOKEN is not set"))
        }
        return BearerToken(token, of: "the administrator's").refusal(of: request)
    }
}

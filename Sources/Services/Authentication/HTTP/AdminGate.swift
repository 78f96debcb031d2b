internal import MartletCore
internal import MartletHTTP
internal import MartletKit

/// Lets requests through that carry the administrator's token: `Authorization: Bearer <token>` (RFC 6750 §2.1).
struct AdminGate: Sendable {
    /// Nil: nobody is let through.
    let token: Secret<String>?

    /// The shortest token that is accepted as a setting: what is this long and random is not found by trying.
    static let minimumTokenLength = 16

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
        if let given = bearerToken(of: request), ConstantTime.areEqual(given, token.exposed) { return nil }
        var response = HTTPResponse.envelope(
            failure: ServiceError(.unauthenticated, "this needs the administrator's token: Authorization: Bearer …"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    }

    private func bearerToken(of request: HTTPRequest) -> String? {
        guard let value = request.headers["Authorization"] else { return nil }
        let scheme = "bearer "
        guard value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count).drop { $0 == " " })
    }
}

internal import MartletCore
internal import MartletHTTP
internal import MartletKit

/// Who may use the mailbox. With a token, whoever shows it: `Authorization: Bearer <token>` (RFC 6750 §2.1). Without
/// one, reading is for whoever reaches the port, as the logger's entries are; changing is for this machine alone. Pages
/// of other sites are kept out in either case, by the router.
struct MailboxGate: Sendable {
    let token: Secret<String>?
    /// The service listens on an address that other machines cannot reach.
    let isLoopback: Bool

    /// The shortest token that is accepted as a setting: what is this long and random is not found by trying.
    static let tokenLength = 16...1024

    func guarding(
        changes: Bool, _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) -> @Sendable (HTTPRequest) async throws -> HTTPResponse {
        { request in
            if let refusal = refusal(of: request, changes: changes) { return refusal }
            return try await handler(request)
        }
    }

    private func refusal(of request: HTTPRequest, changes: Bool) -> HTTPResponse? {
        guard let token else {
            guard changes, !isLoopback else { return nil }
            return .envelope(
                failure: ServiceError(
                    .permissionDenied, "messages can be deleted from other machines only with MAILBOX_TOKEN set"))
        }
        if let given = bearerToken(of: request), Self.areEqual(given, token.exposed) { return nil }
        var response = HTTPResponse.envelope(
            failure: ServiceError(.unauthenticated, "this needs the mailbox's token: Authorization: Bearer …"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    }

    private func bearerToken(of request: HTTPRequest) -> String? {
        guard let value = request.headers["Authorization"] else { return nil }
        let scheme = "bearer "
        guard value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count).drop { $0 == " " })
    }

    /// Takes as long whatever the difference is.
    private static func areEqual(_ given: String, _ secret: String) -> Bool {
        let (given, secret) = (Array(given.utf8), Array(secret.utf8))
        var difference = given.count ^ secret.count
        for index in given.indices { difference |= Int(given[index] ^ secret[index % secret.count]) }
        return difference == 0
    }
}

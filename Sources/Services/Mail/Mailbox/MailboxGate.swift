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
        return BearerToken(token, of: "the mailbox's").refusal(of: request)
    }
}

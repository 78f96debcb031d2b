internal import MartletCore
internal import MartletHTTP
internal import MartletKit

/// The route of the Go original: `POST /authenticate` (contracts, course A.4).
struct AuthenticationRoutes: Sendable {
    let authenticator: Authenticator
    /// Who may say for whom they ask.
    let proxies: TrustedProxies
    /// 400 in most copies of the original, 401 in one (contracts, course A.12).
    let failureStatus: HTTPStatus

    func add(to router: inout Router) {
        router.post("/authenticate", access: .original, authenticate)
    }

    @Sendable
    private func authenticate(_ request: HTTPRequest) async throws -> HTTPResponse {
        let credentials = try await request.json(Credentials.self)
        let address = proxies.client(of: request).map(ClientAddress.init) ?? .local
        do {
            let user = try await authenticator.logIn(
                email: credentials.email, password: credentials.password, from: address)
            // The original's message ends in a line feed, and so does ours.
            return .json(.accepted, Envelope(message: "Logged in user \(user.email)\n", data: user))
        } catch let error as ServiceError where error.code == .unauthenticated {
            return .json(failureStatus, PlainEnvelope(error: true, message: error.message))
        }
    }
}

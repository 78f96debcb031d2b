internal import MartletCore
internal import MartletHTTP
internal import MartletKit

/// The route of the Go original, `POST /authenticate` (contracts, course A.4), and `POST /logout`.
struct AuthenticationRoutes: Sendable {
    let authenticator: Authenticator
    let sessions: SessionBook
    /// Who may say for whom they ask.
    let proxies: TrustedProxies
    /// 400 in most copies of the original, 401 in one (contracts, course A.12).
    let failureStatus: HTTPStatus
    /// Whether the session's cookie is for HTTPS alone.
    var isCookieSecure = false

    func add(to router: inout Router) {
        router.post("/authenticate", access: .original, authenticate)
        router.post("/logout", logOut)
    }

    @Sendable
    private func authenticate(_ request: HTTPRequest) async throws -> HTTPResponse {
        let credentials = try await request.json(Credentials.self)
        let address = proxies.client(of: request).map(ClientAddress.init) ?? .local
        let user: User
        do {
            user = try await authenticator.logIn(
                email: credentials.email, password: credentials.password, from: address)
        } catch let error as ServiceError where error.code == .unauthenticated {
            return .json(failureStatus, PlainEnvelope(error: true, message: error.message))
        }
        let token = try await sessions.begin(for: user, replacing: token(of: request))
        // The original's message ends in a line feed, and so does ours.
        var response = HTTPResponse.json(.accepted, Envelope(message: "Logged in user \(user.email)\n", data: user))
        response.headers["Set-Cookie"] = cookie(token.text, lifetime: sessions.lifetime)
        return response
    }

    /// 202 when there was a session; 401 when not. The browser may forget the cookie in any case.
    @Sendable
    private func logOut(_ request: HTTPRequest) async throws -> HTTPResponse {
        var isEnded = false
        if let token = token(of: request) { isEnded = try await sessions.end(token) }
        var response =
            isEnded
            ? HTTPResponse.json(.accepted, PlainEnvelope(message: "Signed out"))
            : .json(.unauthorized, PlainEnvelope(error: true, message: "not signed in"))
        response.headers["Set-Cookie"] = cookie("", lifetime: .zero)
        return response
    }

    private func token(of request: HTTPRequest) -> SessionToken? {
        SessionCookie.value(in: request.headers).flatMap(SessionToken.init)
    }

    private func cookie(_ value: String, lifetime: Duration) -> String {
        SessionCookie.setting(value, lifetime: lifetime, isSecure: isCookieSecure)
    }
}

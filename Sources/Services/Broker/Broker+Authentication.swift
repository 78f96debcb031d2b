internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

extension Broker {
    /// Actions `auth` and `logout`: what the authentication service wants the browser to keep is passed on.
    func authenticate(_ credentials: Credentials, for caller: Caller) async throws -> BrokerAnswer {
        let answer = try await Self.reached { try await authentication.post("/authenticate", credentials, for: caller) }
        switch (answer.status, answer.envelope) {
        case (.accepted, let envelope?):
            // In the original this case ends the connection by a crash.
            guard !envelope.error else { throw ServiceError(.unauthenticated, envelope.message) }
            return BrokerAnswer(
                PlainEnvelope(message: "Authenticated!", data: envelope.data), cookies: answer.cookies)
        case (.unauthorized, _):
            throw ServiceError(.invalidArgument, "invalid credentials")
        case (.badRequest, let envelope?) where envelope.message.lowercased().hasPrefix("invalid credentials"):
            // Most copies of the original authentication answer 400 here; their spellings differ in case and ending.
            throw ServiceError(.invalidArgument, "invalid credentials")
        default:
            throw Self.refusal(answer, "error calling auth service")
        }
    }

    /// Ends the session of the caller's cookie. Who is told of it is the authentication service's business.
    func signOut(_ caller: Caller) async throws -> BrokerAnswer {
        let answer = try await Self.reached { try await authentication.post("/logout", Nothing(), for: caller) }
        switch (answer.status, answer.envelope) {
        case (.accepted, let envelope?) where !envelope.error:
            return BrokerAnswer(PlainEnvelope(message: envelope.message), cookies: answer.cookies)
        case (.unauthorized, let envelope):
            // With the cookie: what is of no more use, the browser may forget.
            return BrokerAnswer(
                PlainEnvelope(error: true, message: envelope?.message ?? "not signed in"), status: .unauthorized,
                cookies: answer.cookies)
        default:
            throw Self.refusal(answer, "error calling auth service")
        }
    }
}

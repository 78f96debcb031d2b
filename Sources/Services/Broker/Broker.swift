internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// The broker's actions, each with the original's answer (contracts, course A.3).
struct Broker: Sendable {
    let authentication: Backend
    let logger: Backend
    let mail: Backend
    /// Whose word is taken for who asks.
    let proxies: TrustedProxies

    /// Does what the request asks for.
    /// - Parameter client: the address it came from.
    /// - Throws: `ServiceError` for the caller.
    func handle(_ request: BrokerRequest, from client: String?) async throws -> PlainEnvelope {
        switch request.action {
        case "auth": try await authenticate(request.auth, from: client)
        case "log": try await log(request.log)
        case "mail": try await send(request.mail)
        default: throw ServiceError(.invalidArgument, "unknown action")
        }
    }

    private func authenticate(_ credentials: Credentials, from client: String?) async throws -> PlainEnvelope {
        let answer = try await Self.reached { try await authentication.post("/authenticate", credentials, for: client) }
        switch (answer.status, answer.envelope) {
        case (.accepted, let envelope?):
            // In the original this case ends the connection by a crash.
            guard !envelope.error else { throw ServiceError(.unauthenticated, envelope.message) }
            return PlainEnvelope(message: "Authenticated!", data: envelope.data)
        case (.unauthorized, _):
            throw ServiceError(.invalidArgument, "invalid credentials")
        case (.badRequest, let envelope?) where envelope.message.lowercased().hasPrefix("invalid credentials"):
            // Most copies of the original authentication answer 400 here; their spellings differ in case and ending.
            throw ServiceError(.invalidArgument, "invalid credentials")
        default:
            throw Self.refusal(answer, "error calling auth service")
        }
    }

    private func log(_ entry: LogPayload) async throws -> PlainEnvelope {
        let answer = try await Self.reached { try await logger.post("/log", entry) }
        guard answer.status == .accepted else { throw Self.refusal(answer, "error calling logger service") }
        return PlainEnvelope(message: "logged!")
    }

    private func send(_ message: MailPayload) async throws -> PlainEnvelope {
        let answer = try await Self.reached { try await mail.post("/send", message) }
        guard answer.status == .accepted else { throw Self.refusal(answer, "error calling mail service") }
        return PlainEnvelope(message: "mail sent to \(message.to)")
    }

    /// A service that cannot be reached is a 400 with the transport's text, as the original has it.
    private static func reached(_ call: () async throws -> Backend.Answer) async throws -> Backend.Answer {
        do {
            return try await call()
        } catch let error as ServiceError where error.code == .unavailable {
            throw ServiceError(.invalidArgument, error.message)
        }
    }

    /// What a service that has too much to do says is passed on, so that the caller knows to come back; any other
    /// refusal is the original's text.
    private static func refusal(_ answer: Backend.Answer, _ text: String) -> ServiceError {
        switch answer.status {
        case .tooManyRequests:
            ServiceError(.resourceExhausted, answer.envelope?.message ?? text, retryAfter: answer.retryAfter)
        case .serviceUnavailable:
            ServiceError(.unavailable, answer.envelope?.message ?? text, retryAfter: answer.retryAfter)
        default: ServiceError(.invalidArgument, text)
        }
    }
}

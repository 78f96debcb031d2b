internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// The broker's actions, each with the original's answer (contracts, course A.3).
struct Broker: Sendable {
    let authentication: Backend
    let logger: Backend
    let mail: Backend
    let events: EventPublisher
    /// Whose word is taken for who asks.
    let proxies: TrustedProxies
    /// How log entries travel unless a request says otherwise.
    var logTransport = LogTransport.http

    /// Does what the request asks for.
    /// - Throws: `ServiceError` for the caller.
    func handle(_ request: BrokerRequest, for caller: Caller) async throws -> BrokerAnswer {
        switch request.action {
        case "auth": try await authenticate(request.auth, for: caller)
        case "logout": try await signOut(caller)
        case "log": BrokerAnswer(try await log(request.log, by: request.transport))
        case "mail": BrokerAnswer(try await send(request.mail))
        default: throw ServiceError(.invalidArgument, "unknown action")
        }
    }

    private func send(_ message: MailPayload) async throws -> PlainEnvelope {
        let answer = try await Self.reached { try await mail.post("/send", message) }
        guard answer.status == .accepted else { throw Self.refusal(answer, "error calling mail service") }
        return PlainEnvelope(message: "mail sent to \(message.to)")
    }

    /// A service that cannot be reached is a 400 with the transport's text, as the original has it.
    static func reached<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        do {
            return try await call()
        } catch let error as ServiceError where error.code == .unavailable {
            throw ServiceError(.invalidArgument, error.message)
        }
    }

    /// What a service that has too much to do says is passed on, so that the caller knows to come back; any other
    /// refusal is the original's text.
    static func refusal(_ answer: Backend.Answer, _ text: String) -> ServiceError {
        switch answer.status {
        case .tooManyRequests:
            ServiceError(.resourceExhausted, answer.envelope?.message ?? text, retryAfter: answer.retryAfter)
        case .serviceUnavailable:
            ServiceError(.unavailable, answer.envelope?.message ?? text, retryAfter: answer.retryAfter)
        default: ServiceError(.invalidArgument, text)
        }
    }
}

internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletMessaging
internal import MartletWire

/// What becomes of an event, by its name (contracts, course A.7).
struct EventDispatcher: Sendable {
    let logger: LoggerClient

    /// Returns when the event has been dealt with.
    ///
    /// The message's id goes along as the idempotency key: whichever listener an event reaches, and however often, the
    /// logger keeps it once.
    var handleEvent: MessageHandler {
        Endpoint<Event, Void>("handleEvent") { [self] event in
            switch event.name {
            // The original's placeholder.
            case "auth": break
            default: try await logger.log(event)
            }
        }.fromMessages()
    }
}

/// The logger, as far as this service calls it.
struct LoggerClient: Sendable {
    let client: HTTPClient
    let base: HTTPBaseURL

    /// In bytes; more than the logger answers.
    private static let answerLimit = 64 << 10

    /// `POST /log`, within the deadline of the current `CallContext`.
    /// - Throws: `invalidArgument` when the logger will never take this entry (400); `unavailable` and the like when it
    ///   may later. What is no answer of a logger's, a 404 say, counts as that: something else may be there by mistake.
    func log(_ event: Event) async throws {
        let response = try await client.send(
            HTTPRequest(.post, "/log", headers: .json, body: .bytes(JSON.encode(event))), to: base)
        // Read to its end, so that the connection is used again.
        let body = (try? await response.body.collect(upTo: Self.answerLimit)) ?? []
        guard response.status != .accepted else { return }
        let text = (try? JSON.decode(PlainEnvelope.self, from: body))?.message ?? ""
        throw ServiceError(
            response.status == .badRequest ? .invalidArgument : .unavailable,
            "the logger answered \(response.status)\(text.isEmpty ? "" : ": ")\(text.prefix(500))",
            retryAfter: response.headers["Retry-After"].flatMap(Int64.init).map { .seconds(min(max($0, 0), 3600)) })
    }
}

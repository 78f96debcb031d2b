internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletMessaging

/// How a log entry travels from the broker.
enum LogTransport: String, CaseIterable, Sendable {
    /// Straight to the logger. The answer says that it is kept.
    case http
    /// As an event. The answer says that the bus has it; a listener takes it to the logger, now or later.
    case bus
}

extension Broker {
    /// How long the bus may take: somebody waits for the answer.
    private static let busPatience: Duration = .seconds(5)

    /// - Parameter transport: the request's own wish; empty for none.
    func log(_ entry: LogPayload, by transport: String) async throws -> PlainEnvelope {
        guard let transport = transport.isEmpty ? logTransport : LogTransport(rawValue: transport) else {
            let known = LogTransport.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServiceError(.invalidArgument, "unknown transport; known: \(known)")
        }
        switch transport {
        case .http:
            let answer = try await Self.reached { try await logger.post("/log", entry) }
            guard answer.status == .accepted else { throw Self.refusal(answer, "error calling logger service") }
            return PlainEnvelope(message: "logged!")
        case .bus:
            try await Self.reached { try await publish(entry) }
            // What the original answers on this way (contracts, course A.3), whatever carries the event.
            return PlainEnvelope(message: "logged via RabbitMQ")
        }
    }

    private func publish(_ entry: LogPayload) async throws {
        let context = CallContext.current ?? CallContext(trace: .root(isSampled: false))
        try await CallContext.$current.withValue(context.limited(to: .now + Self.busPatience)) {
            let event = BusMessage(id: Self.messageID(), routingKey: "log.INFO", json: entry)
            try await events.publish(event, to: CourseBus.logs)
        }
    }

    /// A request that its caller repeats is one event. Apart from the ids that services make up themselves, so that no
    /// caller can suppress an event of theirs.
    private static func messageID() -> String {
        guard let key = CallContext.current?.idempotencyKey else { return BusMessage.newID() }
        let id = "key:" + key
        let isID = id.utf8.count <= 255 && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isID ? id : BusMessage.newID()
    }
}

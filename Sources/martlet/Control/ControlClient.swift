internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// The command's side of the control socket.
struct ControlClient: Sendable {
    /// What the running system may take to stop something.
    static let stopPatience: Duration = .seconds(60)
    /// What it may take to start something, which may have to wait for its store.
    static let startPatience: Duration = .seconds(120)

    private let client: HTTPClient
    private let base: HTTPBaseURL

    /// - Parameter patience: for one answer. Stopping a service waits for what it has begun; the rest takes no time.
    init(_ workplace: Workplace, patience: Duration = .seconds(5)) throws {
        var limits = HTTPClient.Limits()
        limits.request = patience
        client = HTTPClient(limits: limits)
        base = try HTTPBaseURL(try workplace.controlAddress())
    }

    func status() async throws -> SystemStatus { try await send(.get, "/status") }
    func start(_ name: String) async throws -> SystemStatus { try await send(.post, "/services/\(name)/start") }
    func stop(_ name: String) async throws -> SystemStatus { try await send(.post, "/services/\(name)/stop") }
    func down() async throws -> SystemStatus { try await send(.post, "/down") }

    private func send(_ method: HTTPMethod, _ path: String) async throws -> SystemStatus {
        let response = try await client.send(HTTPRequest(method, path), to: base)
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status.code < 300 else {
            let envelope = try? JSON.decode(PlainEnvelope.self, from: body)
            throw ServiceError(
                ServiceError.Code(status: response.status) ?? .unknown,
                envelope?.message ?? "the system answered \(response.status.code)")
        }
        return try JSON.decode(SystemStatus.self, from: body)
    }
}

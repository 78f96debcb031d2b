internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletWire

/// Calls one service of the system.
struct ServiceClient: Sendable {
    let name: String
    private let client: HTTPClient
    private let base: HTTPBaseURL
    private let patience: Duration?

    /// - Parameter patience: for one answer, its body included; nil for no limit.
    init(_ name: String, for invocation: Invocation, patience: Duration? = .seconds(30)) async throws {
        self.name = name
        base = try await ServiceLocation.find(name, for: invocation)
        var limits = HTTPClient.Limits()
        limits.connect = .seconds(3)
        // A stream may be silent for as long as it likes.
        limits.stall = .seconds(365 * 86_400)
        let input = Configuration.Input(environment: invocation.environment)
        client = try HTTPClient(limits: limits, settings: try Configuration.load(StandardKeys.outgoingTLS, from: input))
        self.patience = patience
    }

    /// The answer, whatever its status.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try await client.send(request, to: base, deadline: patience.map { .now + $0 } ?? .never)
        } catch let error as ServiceError where error.code == .unavailable {
            throw ServiceError(.unavailable, "\(name) cannot be reached: \(error.message)")
        } catch let error as ServiceError where error.code == .deadlineExceeded {
            throw ServiceError(.deadlineExceeded, "\(name) has not answered in time")
        }
    }

    /// The body of a good answer.
    /// - Throws: what a service said that refused, in its own words.
    func body(_ request: HTTPRequest, limit: Int = 64 << 20) async throws -> [UInt8] {
        let response = try await send(request)
        let body = try await response.body.collect(upTo: limit)
        guard response.status.isSuccess else {
            let said = (try? JSON.decode(PlainEnvelope.self, from: body))?.message ?? ""
            throw ServiceError(
                ServiceError.Code(status: response.status) ?? .unknown,
                said.isEmpty ? "\(name) answered \(response.status)" : "\(name): \(said)")
        }
        return body
    }

    func get<Value: Message>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
        try JSON.decode(type, from: try await body(HTTPRequest(.get, path)))
    }
}

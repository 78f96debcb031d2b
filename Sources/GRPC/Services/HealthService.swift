internal import MartletCore
internal import MartletHTTP
internal import MartletRuntime
public import MartletWire

/// grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md): whether the server does its work.
///
///     HealthService(for: ["logs.LogService"]) { await readiness.problems().isEmpty }
public struct HealthService: RPCService {
    public static let serviceName = "grpc.health.v1.Health"

    private let services: Set<String>
    private let interval: Duration
    private let isReady: @Sendable () async -> Bool

    /// - Parameters:
    ///   - services: those that can be asked for by name; all are as well as the server is.
    ///   - interval: how often it is looked at for those who watch.
    ///   - isReady: asked for each check.
    public init(
        for services: Set<String> = [], every interval: Duration = .seconds(1),
        isReady: @escaping @Sendable () async -> Bool
    ) {
        self.services = services
        self.interval = interval
        self.isReady = isReady
    }

    public func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary(
            "Check",
            Endpoint("health check") { (request: HealthCheckRequest) in
                guard let status = await status(of: request.service) else {
                    throw ServiceError(.notFound, "unknown service \(request.service)")
                }
                return HealthCheckResponse(status)
            }.asProbe())
        visit.streaming(
            "Watch",
            Endpoint("health watch") { (call: RPCStream<HealthCheckRequest, HealthCheckResponse>) in
                guard let request = try await call.requests.next() else { return }
                try await watch(request.service, call.responses)
            }.asProbe(), kind: .serverStreaming)
    }

    private func status(of service: String) async -> ServingStatus? {
        guard service.isEmpty || services.contains(service) else { return nil }
        return await isReady() ? .serving : .notServing
    }

    /// Until the client has seen enough, or the server is about to end.
    private func watch(_ service: String, _ answers: MessageSink<HealthCheckResponse>) async throws {
        var last: ServingStatus?
        while GRPCServerCall.current?.stream.isLeaving != true {
            let now = await status(of: service) ?? .serviceUnknown
            if now != last { try await answers.send(HealthCheckResponse(now)) }
            last = now
            try await EventLoop.sleep(for: interval)
        }
    }
}

/// `grpc.health.v1.HealthCheckRequest`
public struct HealthCheckRequest: Message, Hashable {
    public static let messageName = "grpc.health.v1.HealthCheckRequest"
    /// Empty for the server as a whole.
    public var service = ""

    public init() {}
    public init(service: String) { self.service = service }

    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "service", &service) }
}

/// `grpc.health.v1.HealthCheckResponse`
public struct HealthCheckResponse: Message, Hashable {
    public static let messageName = "grpc.health.v1.HealthCheckResponse"
    public var status = ServingStatus.unknown

    public init() {}
    public init(_ status: ServingStatus) { self.status = status }

    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "status", &status) }
}

public enum ServingStatus: Int32, MessageEnum {
    case unknown, serving, notServing
    /// Of a service that is watched.
    case serviceUnknown

    public static let enumName = "ServingStatus"
    public static var fieldDefault: Self { .unknown }
}

internal import MartletCore
public import MartletMessaging

/// Publishes events whose queues may not be there yet.
///
/// The topology is declared when the bus says that it lacks it, and not at the start: the bus may be away then, or be
/// given a new store later.
public struct EventPublisher: Sendable {
    private let bus: any MessageBus
    private let topology: BusTopology

    public init(_ bus: any MessageBus, topology: BusTopology = CourseBus.topology) {
        self.bus = bus
        self.topology = topology
    }

    /// Returns when every queue that the event is for has it on disk. May be repeated with the same message until it
    /// does.
    /// - Throws: as ``MessageBus/publish(_:to:mandatory:)``.
    public func publish(_ message: BusMessage, to exchange: String) async throws {
        do {
            try await bus.publish(message, to: exchange)
        } catch let error as ServiceError where error.code == .notFound || error.code == .failedPrecondition {
            try await bus.declare(topology)
            try await bus.publish(message, to: exchange)
        }
    }
}

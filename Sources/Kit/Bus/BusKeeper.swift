public import MartletCore
public import MartletMessaging

/// Lets go of a bus when its service ends. Listed in a group before what uses the bus, so that it ends after that.
public struct BusKeeper: Service {
    public let name = "bus"
    private let bus: any MessageBus

    public init(_ bus: any MessageBus) { self.bus = bus }

    public func run() async throws {
        await ShutdownSignal.wait()
        await bus.close()
    }
}

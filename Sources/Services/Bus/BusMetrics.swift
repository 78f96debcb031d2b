internal import MartletCore
internal import MartletEmbeddedBus
internal import MartletKit
internal import MartletMessaging

/// Exports what is in the queues: looks every few seconds, because a look goes through the bus's own loop.
struct BusMetrics: Service {
    let name = "bus metrics"
    private let bus: EmbeddedBus
    private let waiting: LabelledMetrics<Gauge>
    private let dead: LabelledMetrics<Gauge>
    private let consumers: LabelledMetrics<Gauge>

    init(_ bus: EmbeddedBus, metrics: Metrics) {
        self.bus = bus
        waiting = metrics.gauges("martlet_bus_messages", help: "Messages in a queue.", labels: ["queue"])
        dead = metrics.gauges(
            "martlet_bus_dead_letters", help: "Messages that a queue has given up on.", labels: ["queue"])
        consumers = metrics.gauges("martlet_bus_consumers", help: "Consumers of a queue.", labels: ["queue"])
    }

    func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        repeat {
            guard let queues = try? await bus.queues() else { continue }
            // Exclusive queues come and go under names of their own, which no metric must collect.
            for queue in queues where queue.kind == .shared {
                waiting.with(queue.name).record(Int64(queue.messages))
                dead.with(queue.name).record(Int64(queue.deadLetters))
                consumers.with(queue.name).record(Int64(queue.consumers))
            }
        } while await !signal.wait(atMost: .seconds(5)) && !Task.isCancelled
    }
}

// For tests of the bus in several processes: owns one, publishes to one, holds messages and never settles them until it
// is killed, or handles them and is killed by one.

internal import Glibc
internal import MartletCore
internal import MartletEmbeddedBus
internal import MartletMessaging
internal import MartletSQLite

@Sendable func say(_ text: String, on descriptor: Int32 = 1) {
    // One write a line, unbuffered: what the parent reads has happened.
    let line = Array((text + "\n").utf8)
    if write(descriptor, line, line.count) != line.count { exit(1) }
}

let arguments = CommandLine.arguments
let exchange = "crash"
let queue = Queue("crash", bindings: [Binding("#", of: exchange)], maximumAttempts: 1000)

switch (arguments.dropFirst().first, arguments.count) {
case ("own", 4):
    let bus = try await EmbeddedBus.open(.file(path: arguments[2]))
    try await bus.declare(BusTopology(queues: [queue]))
    let server = try BusServer(on: bus, socket: arguments[3])
    try await server.start()
    say("ready")
    try await server.run()

case ("publish", 4):
    // Each of the tasks publishes numbers of its own, and says which the bus has confirmed.
    let bus = try SocketBus(socket: arguments[2])
    let name = arguments[3]
    await withTaskGroup(of: Void.self) { group in
        for publisher in 0..<32 {
            group.addTask {
                var number = publisher
                while true {
                    let id = "\(name)-\(number)"
                    do {
                        try await bus.publish(BusMessage(id: id, routingKey: "a", body: Array(id.utf8)), to: exchange)
                    } catch {
                        say("\(error)", on: 2)
                        exit(1)
                    }
                    say(id)
                    number += 32
                }
            }
        }
    }

case ("hold", 4):
    let bus = try SocketBus(socket: arguments[2])
    let consumer = try await bus.consume(queue, prefetch: 4)
    var held: [Delivery] = []
    while held.count < Int(arguments[3]) ?? 0, let delivery = try await consumer.next() {
        held.append(delivery)
        say("\(delivery.message.id) \(delivery.attempt)")
    }
    try await Task.sleep(for: .seconds(3600))

case ("handle", 5):
    // Owner and consumer in one process, which one of the messages kills; until the queue is empty.
    let owner = try await EmbeddedBus.open(.file(path: arguments[2]))
    let server = try BusServer(on: owner, socket: arguments[3])
    try await server.start()
    let bus: any MessageBus = arguments[4] == "over its socket" ? try SocketBus(socket: arguments[3]) : owner
    let queue = Queue("poison", bindings: [Binding("#", of: "poison")], maximumAttempts: 3)
    let consumer = try await bus.consume(queue, prefetch: 8)
    @Sendable func handleAll() async throws {
        while let delivery = try await consumer.next() {
            if delivery.message.id == "poison" { kill(getpid(), SIGKILL) }
            say("\(delivery.message.id) \(delivery.attempt)")
            delivery.acknowledge()
        }
    }
    async let handling: Void = handleAll()
    while try await owner.queues().contains(where: { $0.messages > 0 }) { try await Task.sleep(for: .milliseconds(5)) }
    consumer.stop()
    try await handling
    await consumer.close()
    await server.stop()

default:
    say("usage: bus-helper own STORE SOCKET | publish SOCKET NAME | hold SOCKET COUNT", on: 2)
    exit(2)
}

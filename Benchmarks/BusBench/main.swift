// What the embedded bus does, for Benchmarks/run: each mode prints one line of JSON.
//
//     BusBench own STORE SOCKET            owns a bus and serves it, until SIGTERM
//     BusBench throughput BUS SECONDS      64 publishers and a consumer: messages published, consumed and acknowledged
//     BusBench latency BUS COUNT           a lone event, from before it is published until its consumer has it
//     BusBench waiting STORE COUNT SECONDS the same throughput before and while COUNT messages wait in another queue, and
//                                          in this one ("through": published; "through_taken": acknowledged meanwhile,
//                                          more, because a backlog is worked off); opening the store; the memory
//
// BUS is embedded:PATH, with the store in this process, or unix:PATH.

import FoundationEssentials
import Glibc
import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletRuntime
import MartletSQLite

let exchange = "bench"
let body = Array(#"{"name":"event","data":"some log data from the broker"}"#.utf8)
let publishers = 64

func queue(_ name: String) -> Queue { Queue(name, bindings: [Binding(name, of: exchange)]) }

func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// In bytes: what the process allocated, without the pages of its executable.
func anonymousMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    for line in status.split(separator: "\n") where line.hasPrefix("RssAnon:") {
        return (Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) ?? 0) << 10
    }
    return 0
}

/// Messages that were published, consumed and acknowledged, all of it on disk, and the time that took.
func throughput(_ bus: any MessageBus, seconds: Double, through queue: Queue) async throws -> (Int, Double) {
    let loops = EventLoopGroup.shared.loops
    let consumer = try await bus.consume(queue, prefetch: 512)
    let published = Locked(0)
    let taken = Locked(0)
    let start = MonotonicTime.now
    let end = start + .milliseconds(Int64(seconds * 1000))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: loops[loops.count - 1]) {
            while let delivery = try await consumer.next() {
                delivery.acknowledge()
                taken.withLock { $0 += 1 }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<publishers {
                group.addTask(executorPreference: loops[0]) {
                    var count = 0
                    while MonotonicTime.now < end {
                        try await bus.publish(
                            BusMessage(
                                routingKey: queue.name, contentType: "application/json", body: body, context: nil),
                            to: exchange)
                        count += 1
                    }
                    published.withLock { $0 += count }
                }
            }
            try await group.waitForAll()
        }
        let all = published.withLock { $0 }
        while taken.withLock({ $0 }) < all { try await Task.sleep(for: .milliseconds(1)) }
        consumer.stop()
        try await group.waitForAll()
    }
    // Returns when the last acknowledgement is on disk.
    await consumer.close()
    return (published.withLock { $0 }, MonotonicTime.now.since(start).inSeconds)
}

func latencies(_ bus: any MessageBus, count: Int) async throws -> [Double] {
    let queue = queue("latency")
    let consumer = try await bus.consume(queue, prefetch: 1)
    let loops = EventLoopGroup.shared.loops
    let arrived = AsyncStream.makeStream(of: MonotonicTime.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: loops[loops.count - 1]) {
            while let delivery = try await consumer.next() {
                arrived.continuation.yield(.now)
                delivery.acknowledge()
            }
        }
        var times: [Double] = []
        var arrivals = arrived.stream.makeAsyncIterator()
        for _ in 0..<count {
            // A lone one: what the one before left to be written is written.
            try await Task.sleep(for: .milliseconds(25))
            let start = MonotonicTime.now
            try await bus.publish(BusMessage(routingKey: queue.name, body: body, context: nil), to: exchange)
            if let end = await arrivals.next() { times.append(end.since(start).inSeconds * 1000) }
        }
        consumer.stop()
        try await group.waitForAll()
        await consumer.close()
        return times.sorted()
    }
}

func fill(_ bus: any MessageBus, _ queue: Queue, count: Int) async throws {
    let loops = EventLoopGroup.shared.loops
    try await withThrowingTaskGroup(of: Void.self) { group in
        for publisher in 0..<2000 {
            group.addTask(executorPreference: loops[0]) {
                for _ in stride(from: publisher, to: count, by: 2000) {
                    try await bus.publish(
                        BusMessage(routingKey: queue.name, contentType: "application/json", body: body, context: nil),
                        to: exchange)
                }
            }
        }
        try await group.waitForAll()
    }
}

let arguments = CommandLine.arguments
switch (arguments.dropFirst().first, arguments.count) {
case ("own", 4):
    let bus = try await EmbeddedBus.open(.file(path: arguments[2]))
    let server = try BusServer(on: bus, socket: arguments[3])
    try await server.start()
    print("ready")
    fflush(nil)
    await ShutdownSignal.wait()

case ("throughput", 4):
    let bus = try await BusAddress(dsn: arguments[2]).open()
    try await bus.declare(BusTopology(queues: [queue("q")]))
    _ = try await throughput(bus, seconds: 0.3, through: queue("q"))
    let cpu = cpuSeconds()
    let before = (bus as? EmbeddedBus)?.statistics.commits
    let (count, seconds) = try await throughput(bus, seconds: Double(arguments[3]) ?? 1, through: queue("q"))
    let commits = (bus as? EmbeddedBus).map { $0.statistics.commits - (before ?? 0) }
    print(
        #"{"messages": \#(count), "seconds": \#(seconds), "cpu_seconds": \#(cpuSeconds() - cpu), "#
            + #""commits": \#(commits.map(String.init) ?? "null")}"#)
    await bus.close()

case ("latency", 4):
    let bus = try await BusAddress(dsn: arguments[2]).open()
    try await bus.declare(BusTopology(queues: [queue("latency")]))
    let times = try await latencies(bus, count: max(10, Int(arguments[3]) ?? 200))
    print(#"{"p50_ms": \#(times[times.count / 2]), "p99_ms": \#(times[times.count * 99 / 100])}"#)
    await bus.close()

case ("waiting", 5):
    let count = Int(arguments[3]) ?? 1_000_000
    let seconds = Double(arguments[4]) ?? 3
    let store = SQLiteLocation.file(path: arguments[2])
    var bus = try await EmbeddedBus.open(store)
    try await bus.declare(BusTopology(queues: [queue("q"), queue("waiting")]))
    let (messages, time) = try await throughput(bus, seconds: seconds, through: queue("q"))
    let before = try anonymousMemory()
    try await fill(bus, queue("waiting"), count: count)
    await bus.close()
    // As a process that is started again finds them.
    let start = MonotonicTime.now
    bus = try await EmbeddedBus.open(store)
    let opening = MonotonicTime.now.since(start).inSeconds
    let (others, othersTime) = try await throughput(bus, seconds: seconds, through: queue("q"))
    // Published behind a million; the consumer takes from the front what it can, and more than comes.
    let beforeThrough = bus.statistics.acknowledged
    let (same, sameTime) = try await throughput(bus, seconds: seconds, through: queue("waiting"))
    let taken = bus.statistics.acknowledged - beforeThrough
    let memory = try anonymousMemory() - before
    print(
        #"{"empty": \#(Double(messages) / time), "beside": \#(Double(others) / othersTime), "#
            + #""through": \#(Double(same) / sameTime), "through_taken": \#(Double(taken) / sameTime), "#
            + #""opening_s": \#(opening), "memory_mb": \#(Double(memory) / 1e6)}"#
    )
    await bus.close()

default:
    print("usage: BusBench own STORE SOCKET | throughput BUS SECONDS | latency BUS COUNT | waiting STORE COUNT SECONDS")
    exit(2)
}

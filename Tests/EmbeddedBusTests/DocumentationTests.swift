import FoundationEssentials
import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

struct LogEvent: Message {
    static let messageName = "LogEvent"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

struct LogKeeper: Sendable {
    let database: any SQLDatabase

    func append(_ entry: LogEvent) async throws {
        let id = CallContext.current?.idempotencyKey
        do {
            try await database.execute(
                "INSERT INTO log (message, name, data) VALUES (\(id), \(entry.name), \(entry.data))")
        } catch let error as SQLError where error.constraint?.rule == .unique {
            throw ServiceError(.alreadyExists, "this message was stored before")
        }
    }
}

@Suite("docs/messaging.md", .timeLimit(.minutes(1)))
struct DocumentationTests {
    @Test("shows code that is in this file, line by line")
    func everyLineIsHere() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        let page = try String(contentsOfFile: root + "/docs/messaging.md", encoding: .utf8)
        let here = Set(
            try String(contentsOfFile: #filePath, encoding: .utf8).split(separator: "\n").map { Self.bare($0) })
        var isCode = false
        var count = 0
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode = line == "```swift"
            } else if isCode, case let bare = Self.bare(line), !bare.isEmpty {
                count += 1
                #expect(here.contains(bare), "not compiled: \(line)")
            }
        }
        #expect(count > 20)
    }

    /// Without indentation, and without a comment at the end.
    private static func bare(_ line: Substring) -> String {
        let code = line.firstRange(of: "  // ").map { line[..<$0.lowerBound] } ?? line
        return String(code.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    @Test("works as it says")
    func works() async throws {
        let scratch = try Scratch()
        let folder = scratch.folder
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE log (message TEXT UNIQUE, name TEXT, data TEXT)")
        let book = LogKeeper(database: database)
        let telemetry = Telemetry.disabled
        let logEvents = Queue(
            "listener", bindings: ["log.INFO", "log.WARNING", "log.ERROR"].map { Binding($0, of: "logs_topic") })

        let signal = ShutdownSignal()
        let dsn = "unix:" + folder + "/bus.sock"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ShutdownSignal.$current.withValue(signal) {
                    let bus = try await EmbeddedBus.open(.file(path: folder + "/bus.db"))
                    let server = try BusServer(on: bus, socket: folder + "/bus.sock")
                    try await server.run()
                }
            }
            let bus = try await BusAddress(dsn: dsn).open()
            try await bus.declare(BusTopology(queues: [logEvents]))
            var entry = LogEvent()
            entry.name = "event"
            try await bus.publish(BusMessage(routingKey: "log.INFO", json: entry), to: "logs_topic")
            // Another with an id that the store has, as if its consumer had died before the acknowledgement.
            try await database.execute("INSERT INTO log (message, name, data) VALUES ('seen', '', '')")
            try await bus.publish(BusMessage(id: "seen", routingKey: "log.INFO", json: entry), to: "logs_topic")
            try await bus.publish(BusMessage(routingKey: "log.ERROR", body: []), to: "logs_topic")

            let writeLog = Endpoint("writeLog") { (entry: LogEvent) in try await book.append(entry) }
            let subscription = Subscription(to: logEvents, on: bus, telemetry: telemetry, writeLog.fromMessages())
            let stop = ShutdownSignal()
            group.addTask { try await ShutdownSignal.$current.withValue(stop) { try await subscription.run() } }
            for _ in 0..<2000 {
                if try await bus.queues().first?.messages == 0 { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            stop.trigger()
            #expect(try await database.single("SELECT count(*) FROM log")?.get(0) == 2)
            for letter in try await bus.deadLetters(of: "listener", after: 0, limit: 100) {
                print(letter.number, letter.message.routingKey, letter.attempts, letter.reason)
            }
            let count = try await bus.redrive(.queue("listener"))  // or .numbers([…]), or .all
            #expect(count == 1)
            await bus.close()
            signal.trigger()
            try await group.waitForAll()
        }
        await database.close()
    }
}
